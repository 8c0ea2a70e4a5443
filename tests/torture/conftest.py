"""The houses that are tortured: each way of running the service, brought up once for all runs."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.drivers.ceph import running_cluster
from tests.drivers.conftest import disk
from tests.torture.house import House
from tests.torture.postgres import running_postgres
from tests.torture.storage import Disk, Pool


def _disk(stack: ExitStack, folder: Path, kind: str) -> Disk:
    try:
        return Disk(stack.enter_context(disk(folder, kind)), ills=True)
    except pytest.skip.Exception:  # told by the test that tries each fault on its own
        return Disk(folder / "data", ills=False)


def _sqlite_and_files(stack: ExitStack, folder: Path) -> House:
    return House(folder, _disk(stack, folder, "ext4"), None)


def _postgresql_and_files(stack: ExitStack, folder: Path) -> House:
    return House(folder, _disk(stack, folder, "xfs"), stack.enter_context(running_postgres()))


def _postgresql_and_ceph(stack: ExitStack, folder: Path) -> House:
    pool = Pool(stack.enter_context(running_cluster()), folder / "data")
    return House(folder, pool, stack.enter_context(running_postgres()))


HOUSES = [_sqlite_and_files, _postgresql_and_files, _postgresql_and_ceph]


@pytest.fixture(scope="module", params=HOUSES, ids=[make.__name__.strip("_").replace("_", "-") for make in HOUSES])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with ExitStack() as stack:
        house = request.param(stack, tmp_path_factory.mktemp("torture"))
        stack.callback(house.close)
        house.are_up()
        yield house
