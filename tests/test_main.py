"""What is plugged together holds together at the start."""

from pathlib import Path

import pytest

from app.domain.unavailable import Unavailable
from app.main import build_app, explained, new_store, opening
from app.settings import Settings
from app.store.database import asking, open_engine
from app.testing.serving import serving
from tests.client import SECRET, Client
from tests.drivers.nbd import short_folder
from tests.programs import needed
from tests.store.postgres import new_database


@pytest.mark.parametrize("storage", ["volumes", "rbd:", "nfs:volumes"])
def test_a_storage_that_is_none_is_refused(tmp_path: Path, storage: str) -> None:
    with pytest.raises(SystemExit, match="it is rbd:POOL"):
        build_app(Settings(data=tmp_path, jwt_secret=SECRET, storage=storage))


def test_a_sandbox_does_its_work_itself(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="leave out --no-worker"):
        build_app(Settings(data=tmp_path, jwt_secret=SECRET, sandbox=True, worker=False))


def test_who_runs_the_service_is_told_what_the_database_said() -> None:
    engine = open_engine(new_database())
    stopped = "SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(10)"  # as a full disk would stop it, and others
    with (
        pytest.raises(Unavailable, match="does not answer: canceling statement"),
        explained(),
        asking(engine) as looking,
    ):
        looking.exec_driver_sql(stopped)
    engine.dispose()


def test_what_was_there_is_there_after_a_new_start(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, jwt_secret=SECRET)
    with serving(settings) as address, Client(address, "t") as client:
        volume = client.volume()
    with serving(settings) as address, Client(address, "t") as client:
        assert client.wait_for(volume["id"], "AVAILABLE") == volume


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


# Volumes over NBD


def test_without_the_program_nobody_serves_over_nbd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SystemExit, match=r"^--nbd: there is no qemu-nbd here: install it \(Debian: qemu-utils\)$"):
        build_app(Settings(data=tmp_path, jwt_secret=SECRET, nbd=True))


def deep(bytes_: int) -> Path:
    """A data folder so that the path of its storage has so many bytes."""
    return Path("/" + "d" * (bytes_ - len("//storage")))


def test_a_folder_too_deep_for_unix_sockets_is_refused(tmp_path: Path) -> None:
    needed("qemu-utils", "qemu-nbd")
    store = new_store(Settings(data=tmp_path))
    opening(Settings(data=deep(65), nbd=True), store)
    with pytest.raises(SystemExit, match="is too long for Unix sockets in it, by 2 bytes: move it"):
        opening(Settings(data=deep(67), nbd=True), store)


def test_an_image_of_a_cluster_is_not_served_over_nbd(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="--nbd is for files"):
        build_app(Settings(data=tmp_path, jwt_secret=SECRET, storage="rbd:volumes", nbd=True))


def test_there_is_no_demo_data_over_nbd() -> None:
    query = "{ viewer { name } volumes { totalCount } }"
    with (
        short_folder() as data,
        serving(Settings(data=data, dev=True, nbd=True)) as address,
        Client(address, "demo") as client,
    ):
        client.http.headers["Authorization"] = "Bearer demo"
        assert client.ask(query)["volumes"]["totalCount"] == 0
