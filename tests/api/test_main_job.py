"""The main job, from end to end: real bytes go in, and the same bytes come out."""

import os
from pathlib import Path

from tests.client import Client
from tests.programs import needed, run


def test_a_restored_volume_has_the_bytes_of_the_snapshot_and_not_those_written_since(client: Client) -> None:
    volume = client.volume("orders")
    path = client.path(volume["id"])
    first, later = os.urandom(2**20), os.urandom(2**20)
    with path.open("r+b") as file:
        file.seek(5 * 2**30)
        file.write(first)
    client.do("detachVolume", id=volume["id"])
    client.wait_for(volume["id"], "AVAILABLE")
    snapshot = client.snapshot(volume["id"], "monday")
    path = client.path(volume["id"])
    with path.open("r+b") as file:
        file.seek(5 * 2**30)
        file.write(later)

    made = client.do("restoreVolume", snapshotId=snapshot["id"], name="orders-R")
    restored = client.wait_for(made["volume"]["id"], "AVAILABLE")

    assert (restored["sizeGb"], restored["product"]) == (10, "SSD")
    with client.path(restored["id"]).open("rb") as file:
        file.seek(5 * 2**30)
        assert file.read(2**20) == first


def test_a_file_system_is_clean_and_equal_after_its_volume_was_damaged_and_restored(
    client: Client, tmp_path: Path
) -> None:
    needed("e2fsprogs", "mkfs.ext4", "e2fsck", "debugfs")
    (tmp_path / "tree").mkdir()
    document = os.urandom(5 * 2**20)
    (tmp_path / "tree" / "document").write_bytes(document)
    volume = client.volume("orders")
    path = client.path(volume["id"])
    run("mkfs.ext4", "-q", "-F", "-d", tmp_path / "tree", path)
    client.do("detachVolume", id=volume["id"])
    client.wait_for(volume["id"], "AVAILABLE")
    snapshot = client.snapshot(volume["id"], "monday")
    with client.path(volume["id"]).open("r+b") as file:
        file.write(bytes(8 * 2**20))

    made = client.do("restoreVolume", snapshotId=snapshot["id"], name="orders-R")
    client.wait_for(made["volume"]["id"], "AVAILABLE")

    restored = client.path(made["volume"]["id"])
    run("e2fsck", "-fn", restored)
    run("debugfs", "-R", f"dump /document {tmp_path / 'found'}", restored)
    assert (tmp_path / "found").read_bytes() == document
