"""What is plugged together holds together at the start."""

from pathlib import Path

import pytest

from app.main import build_app
from app.settings import Settings
from tests.client import SECRET, Client
from tests.server import serving


def test_a_disk_that_is_not_mounted_is_not_taken_for_a_new_storage(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, jwt_secret=SECRET)
    with serving(settings) as address, Client(address, "t") as client:
        client.volume()
    (tmp_path / "storage").rename(tmp_path / "unmounted")
    (tmp_path / "storage").mkdir()

    with pytest.raises(SystemExit, match="is its disk mounted"):
        build_app(settings)
    assert not any((tmp_path / "storage").iterdir())


@pytest.mark.parametrize("storage", ["volumes", "rbd:", "nfs:volumes"])
def test_a_storage_that_is_none_is_refused(tmp_path: Path, storage: str) -> None:
    with pytest.raises(SystemExit, match="it is rbd:POOL"):
        build_app(Settings(data=tmp_path, jwt_secret=SECRET, storage=storage))


def test_what_was_there_is_there_after_a_new_start(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, jwt_secret=SECRET)
    with serving(settings) as address, Client(address, "t") as client:
        volume = client.volume()
    with serving(settings) as address, Client(address, "t") as client:
        assert client.settled(volume["id"], "AVAILABLE") == volume


def test_demo_data_shows_every_status_that_rests_and_is_made_once(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, dev=True)
    query = """{
      volumes { totalCount nodes { status category } }
      snapshots { nodes { status } }
    }"""
    seen = []
    for _ in range(2):
        with serving(settings) as address, Client(address, "demo") as client:
            client.http.headers["Authorization"] = "Bearer demo"
            seen.append(client.ask(query))

    first, second = seen
    assert {volume["status"] for volume in first["volumes"]["nodes"]} >= {"AVAILABLE", "IN_USE", "ERROR"}
    assert {volume["category"] for volume in first["volumes"]["nodes"]} == {"ROOT", "DATA"}
    assert {it["status"] for it in first["snapshots"]["nodes"]} >= {"AVAILABLE", "ERROR", "ERROR_DELETING"}
    assert second["volumes"]["totalCount"] == first["volumes"]["totalCount"]
