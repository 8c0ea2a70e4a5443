"""What a tenant's server sees of a volume over NBD: a real client, through the public door."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.settings import Settings
from app.testing.serving import serving
from tests.client import SECRET, Client
from tests.programs import run

from .nbd import answers, exporting, write_image


@pytest.fixture
def client(xfs: Path) -> Iterator[Client]:
    data = xfs / "data"
    settings = Settings(data=data, nbd=True, jwt_secret=SECRET)
    with exporting(data), serving(settings) as address, Client(address, "t") as client:
        yield client
    shutil.rmtree(data)


def test_a_file_system_that_is_cut_while_it_is_attached_and_restored_is_clean_and_equal(
    client: Client, tmp_path: Path
) -> None:
    image, later = file_system(tmp_path / "image", b"before"), file_system(tmp_path / "later", b"after")
    volume = client.volume("orders")
    uri = attached(client, volume["id"])
    write_image(image, uri)
    snapshot = client.snapshot(volume["id"])
    assert snapshot["consistency"] == "CRASH_CONSISTENT"
    write_image(later, uri)

    made = client.do("restoreVolume", snapshotId=snapshot["id"], name="orders-R")
    restored = client.wait_for(made["volume"]["id"], "AVAILABLE")

    again = attached(client, restored["id"])
    run("qemu-img", "compare", "-f", "raw", "-F", "raw", image, again)
    run("qemu-img", "convert", "-f", "raw", "-O", "raw", again, tmp_path / "restored")
    run("e2fsck", "-fn", tmp_path / "restored")
    for id_, connection in ((volume["id"], uri), (restored["id"], again)):
        client.do("detachVolume", id=id_)
        client.wait_for(id_, "AVAILABLE")
        assert not answers(connection)


def attached(client: Client, volume_id: str) -> str:
    client.do("attachVolume", id=volume_id, serverId="srv-1")
    return str(client.wait_for(volume_id, "IN_USE")["attachment"]["connection"])


def file_system(image: Path, words: bytes) -> Path:
    """An ext4 of 10 GB with something in it."""
    tree = image.with_suffix(".tree")
    tree.mkdir()
    for number in range(20):
        (tree / f"file-{number}").write_bytes(words * 50_000)
    with image.open("wb") as file:
        file.truncate(10 << 30)
    run("mkfs.ext4", "-q", "-d", tree, image)
    return image
