"""The bad days of an operator: what is wrong is said in a sentence; a process is not ready until it is mended, then is.

No process needs a new start for what comes right outside of it.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

from app.store.schema import HEAD
from app.testing.process import Process
from tests.client import SECRET, Client
from tests.store.postgres import new_database, new_empty_database

HELLO = {"query": "{ viewer { id } }"}


class Postgres:
    """A database of the tests' server, reached by a socket that can be taken away and put back."""

    def __init__(self, folder: Path, url: str) -> None:
        self._url = url
        self._real = Path(str(make_url(url).query["host"]))
        self._socket = folder / "postgres"

    @property
    def url(self) -> str:
        """What a process is given."""
        return self._url.replace(str(self._real), str(self._socket))

    def comes_up(self) -> None:
        """Let it be reached."""
        self._socket.symlink_to(self._real)

    def goes_down(self) -> None:
        """Let nobody reach it, and cut whoever has."""
        self._socket.unlink()
        with psycopg.connect(self._url, autocommit=True) as connection:
            cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            connection.execute(f"{cut} WHERE datname = current_database() AND pid <> pg_backend_pid()")


@pytest.fixture
def postgres(tmp_path: Path) -> Postgres:
    return Postgres(tmp_path, new_database())


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, Any]:
    return {"data": tmp_path / "data", "port": 0, "jwt_secret": SECRET, "bookmark_seconds": 1}


@contextlib.contextmanager
def serving(settings: dict[str, Any]) -> Iterator[tuple[Process, Client]]:
    with Process("serve", **settings) as process, Client(process.address(), "t") as client:
        yield process, client


def comes_to(client: Client, **parts: str) -> None:
    """Ask until it is as ready as that; the test's time-out is the bound."""
    status = 200 if set(parts.values()) == {"ok"} else 503
    while (answer := client.http.get("/readyz")).json() != parts:
        assert client.http.get("/healthz").status_code == 200, "it lives all the while"
    assert answer.status_code == status


def waits_for(process: Process, sentence: str) -> bool:
    """Whether it says so, and without a trace; what it waits for at its start it says before it serves."""
    return any(sentence in line for line in process.lines) and not traces(process)


def traces(process: Process) -> list[str]:
    return [line for line in process.lines if "exc_type" in line or "Traceback" in line]


RED, GREEN = "does not answer", "ok"


# Settings that only who set them can cure


MYSQL = "mysql://me:the-password@host/volumes"


@pytest.mark.parametrize(
    ("command", "url"),
    [
        ("serve", "not a url"),
        ("serve", "postgresql://host:port/volumes"),
        *((command, MYSQL) for command in ("serve", "worker", "migrate", "doctor")),
    ],
)
def test_a_wrong_database_url_ends_the_start_with_a_sentence(command: str, url: str, tmp_path: Path) -> None:
    given = {"data": tmp_path, "database_url": url, **({"jwt_secret": SECRET} if command == "serve" else {})}
    with Process(command, **given) as process:
        assert process.ended() == 1
    (said,) = process.lines
    assert said.startswith("--database-url: ")
    assert said.endswith("it is postgresql://USER:PASSWORD@HOST/DATABASE, or nothing for a file in the data folder\n")
    assert "the-password" not in said


def test_a_data_folder_that_cannot_be_made_ends_the_start_with_a_sentence(settings: dict[str, Any]) -> None:
    with Process("serve", **{**settings, "data": "/proc/nothing"}) as process:
        assert process.ended() == 1
    assert process.lines == ["--data /proc/nothing: the folder cannot be made: No such file or directory\n"]


@pytest.mark.parametrize("command", ["migrate", "doctor"])
def test_a_command_over_a_database_that_is_down_ends_with_a_sentence(
    command: str, postgres: Postgres, tmp_path: Path
) -> None:
    with Process(command, data=tmp_path, database_url=postgres.url) as process:
        assert process.ended() == 1
    (said,) = process.lines
    assert said.startswith("the database does not answer: connection")


# What comes right outside


def test_a_database_that_is_down_at_the_start_and_comes_up_later_is_waited_for(
    postgres: Postgres, settings: dict[str, Any]
) -> None:
    with serving({**settings, "database_url": postgres.url}) as (process, client):
        comes_to(client, database=RED, storage=RED)
        refused = client.http.post("/graphql", json=HELLO)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        assert refused.json()["errors"][0]["extensions"] == {"code": "UNAVAILABLE"}
        with pytest.raises(Exception, match="1013"), client.socket():
            pass
        postgres.comes_up()
        comes_to(client, database=GREEN, storage=GREEN)
        client.volume()
        assert waits_for(process, "the database does not answer: connection")


def test_a_worker_waits_for_its_database_too(postgres: Postgres, settings: dict[str, Any]) -> None:
    settings["database_url"] = postgres.url
    with Process("worker", **settings) as worker:
        worker.logged("the database does not answer")
        postgres.comes_up()
        worker.logged("answer")
        with serving({**settings, "worker": False}) as (_, client):
            client.volume()
        assert worker.stop() == 0


def test_a_process_that_waits_ends_when_it_is_asked_to(postgres: Postgres, settings: dict[str, Any]) -> None:
    settings["database_url"] = postgres.url
    with Process("worker", **settings) as worker:
        worker.logged("the database does not answer")
        assert worker.stop() == 0


def test_a_database_that_goes_away_and_comes_back_turns_readiness_red_and_green(
    postgres: Postgres, settings: dict[str, Any]
) -> None:
    postgres.comes_up()
    with serving({**settings, "database_url": postgres.url}) as (process, client):
        client.volume()
        postgres.goes_down()
        comes_to(client, database=RED, storage=GREEN)
        assert client.http.post("/graphql", json={"query": "{ volumes { totalCount } }"}).status_code == 503
        process.logged("nobody knows what is owed")
        postgres.comes_up()
        comes_to(client, database=GREEN, storage=GREEN)
        client.volume()
    assert traces(process) == []


def test_a_database_that_was_not_migrated_is_waited_for_and_said_how_to_migrate(settings: dict[str, Any]) -> None:
    settings["database_url"] = new_empty_database()
    with serving(settings) as (process, client):
        assert waits_for(process, f"the schema stands at nothing, not {HEAD}: run `python -m app migrate`")
        comes_to(client, database=RED, storage=RED)
        with Process("migrate", data=settings["data"], database_url=settings["database_url"]) as migrating:
            assert migrating.ended() == 0
        comes_to(client, database=GREEN, storage=GREEN)
        client.volume()


@pytest.mark.parametrize("ill", ["not mounted", "a file in its place"])
def test_storage_that_is_away_at_the_start_is_waited_for(settings: dict[str, Any], ill: str) -> None:
    data = Path(settings["data"])
    with serving(settings) as (_, client):
        volume = client.volume()
    (data / "storage").rename(data / "elsewhere")
    (data / "storage").mkdir()
    if ill == "a file in its place":
        (data / "storage").rmdir()
        (data / "storage").write_text("a file")
    with serving(settings) as (process, client):
        assert waits_for(process, f"{data / 'storage'} is not the storage of this database")
        comes_to(client, database=GREEN, storage=RED)
        (data / "storage").rename(data / "not it")
        (data / "elsewhere").rename(data / "storage")
        comes_to(client, database=GREEN, storage=GREEN)
        assert client.wait_for(volume["id"], "AVAILABLE") == volume
    assert list((data / "not it").glob("*")) == [], "another folder is not made into a storage"


def test_a_file_that_is_no_database_is_said_to_be_none(settings: dict[str, Any]) -> None:
    data = Path(settings["data"])
    data.mkdir()
    (data / "service.db").write_text("no database at all")
    with serving(settings) as (process, client):
        assert waits_for(process, "the database does not answer: file is not a database")
        comes_to(client, database=RED, storage=RED)


# What somebody did by hand


def test_bytes_that_somebody_removed_are_found_by_the_doctor_and_by_the_next_operation(
    settings: dict[str, Any], tmp_path: Path
) -> None:
    with serving(settings) as (_, client):
        asked, looked_at = client.volume(), client.volume()
        for volume in (asked, looked_at):
            (Path(settings["data"]) / "storage" / "volumes" / f"{volume['id']}.raw").unlink()
        client.do("extendVolume", id=asked["id"], sizeGb=20)
        found = client.wait_for(asked["id"], "UNMANAGED")
        assert found["statusReason"] == "the volume is not in the storage"
        with Process("doctor", "--mend", data=settings["data"]) as doctor:
            assert doctor.ended() == 0
        found = client.wait_for(looked_at["id"], "UNMANAGED")
        assert found["statusReason"] == "the storage does not hold its bytes"
