"""The main job, from end to end: real bytes go in, and the same bytes come out."""

import os

from tests.client import Client


def test_a_restored_volume_has_the_bytes_of_the_snapshot_and_not_those_written_since(client: Client) -> None:
    volume = client.volume("orders")
    path = client.path(volume["id"])
    first, later = os.urandom(2**20), os.urandom(2**20)
    with path.open("r+b") as file:
        file.seek(5 * 2**30)
        file.write(first)
    client.do("detachVolume", id=volume["id"])
    client.settled(volume["id"], "AVAILABLE")
    snapshot = client.snapshot(volume["id"], "monday")
    path = client.path(volume["id"])
    with path.open("r+b") as file:
        file.seek(5 * 2**30)
        file.write(later)

    made = client.do("restoreVolume", snapshotId=snapshot["id"], name="orders-R")
    restored = client.settled(made["volume"]["id"], "AVAILABLE")

    assert (restored["sizeGb"], restored["product"]) == (10, "SSD")
    with client.path(restored["id"]).open("rb") as file:
        file.seek(5 * 2**30)
        assert file.read(2**20) == first
