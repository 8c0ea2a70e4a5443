"""The folder list is the architecture: no room looks up, nor sideways into one that is closed to it."""

from pathlib import Path

import pytest

from tests.floors import ROOMS, TOP, wrong_imports

HOUSE = Path(__file__).parent.parent / "app"


def test_no_import_goes_up_or_into_a_closed_room() -> None:
    assert wrong_imports(HOUSE) == []


def test_every_room_and_file_of_the_house_is_on_a_floor() -> None:
    there = {place.stem for place in HOUSE.iterdir() if place.suffix == ".py" or (place / "__init__.py").exists()}
    assert there <= {*ROOMS, *TOP}


@pytest.mark.parametrize(
    ("file", "line", "wrong"),
    [
        ("domain/volume.py", "from app.store import rows", "app.store.rows"),
        ("domain/volume.py", "import sqlalchemy.orm", "sqlalchemy.orm"),
        ("store/rows.py", "from app.service.volumes import VolumeService", "app.service.volumes.VolumeService"),
        ("store/rows.py", "import app.drivers.files", "app.drivers.files"),
        ("drivers/files.py", "from ..domain import volume", "app.domain.volume"),
        ("service/volumes.py", "from app.drivers.contract import Driver", "app.drivers.contract.Driver"),
        ("service/volumes.py", "from app import reconciler", "app.reconciler"),
        ("reconciler/steps.py", "from app.drivers.files import Files", "app.drivers.files.Files"),
        ("reconciler/steps.py", "from app.drivers import sandbox", "app.drivers.sandbox"),
        ("api/types.py", "def later():\n    from app.store.store import Store", "app.store.store.Store"),
        ("api/types.py", "from app.transport import identity", "app.transport.identity"),
        ("transport/graphql.py", "import app.settings", "app.settings"),
        ("main.py", "from app.testing.client import Client", "app.testing.client.Client"),
        ("migrations/versions/0001.py", "from app.domain import volume", "app.domain.volume"),
    ],
)
def test_an_import_that_is_wrong_is_told(tmp_path: Path, file: str, line: str, wrong: str) -> None:
    build(tmp_path, file, line)
    assert wrong_imports(tmp_path / "app") == [f"app.{file.removesuffix('.py').replace('/', '.')} -> {wrong}"]


@pytest.mark.parametrize(
    ("file", "line"),
    [
        (
            "domain/volume.py",
            "import json, regex, sqlmodel\nfrom .record import Record\nfrom app.domain.tenant import Tenant",
        ),
        ("store/rows.py", "import sqlalchemy\nfrom app.domain.volume import Volume\nfrom . import journal"),
        ("store/migrations/env.py", "import alembic\nimport app.domain.volume"),
        ("reconciler/steps.py", "from app.drivers.contract import Driver\nfrom app.drivers import contract"),
        ("api/types.py", "import strawberry\nfrom app.service.volumes import VolumeService"),
        ("main.py", "import app.drivers.files, app.store.store\nfrom app import reconciler"),
        ("testing/service.py", "from app.main import build_app\nfrom app.testing.client import Client"),
    ],
)
def test_an_import_that_goes_down_or_stays_in_the_room_is_right(tmp_path: Path, file: str, line: str) -> None:
    build(tmp_path, file, line)
    assert wrong_imports(tmp_path / "app") == []


def build(folder: Path, file: str, line: str) -> None:
    """Write a house of one file."""
    place = folder / "app" / file
    place.parent.mkdir(parents=True)
    place.write_text(line, encoding="utf-8")
