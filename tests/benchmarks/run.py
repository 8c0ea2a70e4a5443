"""Run: fills the databases, starts the contenders, and has each case measured."""

import os
import platform
import re
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import psycopg

from tests.benchmarks import growth, requests, rest, streams
from tests.benchmarks.data import Owner, fill
from tests.benchmarks.load import Request
from tests.benchmarks.questions import ONE, fine, raw
from tests.benchmarks.results import ON_SQLITE, SERVICE, Results
from tests.benchmarks.scale import Scale
from tests.benchmarks.servers import Contender, bare, peers, running, service
from tests.store.postgres import new_database

CASES = ("LIST", "ONE", "WRITE", "CREATE", "FAN-OUT", "REST", "GROWTH", "BYTES")

_SHOWN = ("server_version", "fsync", "synchronous_commit")


async def against_others(scale: Scale, wanted: Sequence[str], folder: Path, results: Results) -> None:
    """Measure the service on both databases, and the peers on the same PostgreSQL."""
    readable = [Owner(f"reading-{number}", scale.snapshots) for number in range(scale.tenants)]
    writable = [Owner(f"writing-{number}", 1000) for number in range(10)]
    url = new_database()
    services = await _services(url, folder, [*readable, *writable])
    others, note = peers(url, folder / "peers")
    results.notes += [note] if note else []
    contenders = [services[0], *others, services[1]]
    hello = Request(raw(readable[0].id, ONE, id=readable[0].snapshot_id(0)), fine)
    with running([*contenders, bare()], folder) as [*servers, limit]:
        for server in servers:
            await server.answers(hello)
        if {"LIST", "ONE", "WRITE"} & set(wanted):
            await requests.measure(servers, limit, readable, writable, scale, wanted, results)
        if "CREATE" in wanted:
            results.requests += await streams.create([servers[0], servers[-1]], scale)
        if "FAN-OUT" in wanted:
            results.requests += await streams.fan_out(servers, writable[0], scale)
    if "REST" in wanted:
        results.requests += await rest.measure(contenders, hello, readable[0].id, scale, folder / "rest.log")


async def by_growth(scale: Scale, folder: Path, results: Results) -> None:
    """Measure the service on both databases, each with a small tenant and larger ones."""
    folder.mkdir()
    owners = [Owner(f"growing-{number}", number) for number in scale.growth]
    contenders = await _services(new_database(), folder, owners)
    for contender, database in zip(contenders, ("PostgreSQL", "SQLite"), strict=True):
        with running([contender], folder) as [server]:
            await server.answers(Request(raw(owners[0].id, ONE, id=owners[0].snapshot_id(0)), fine))
            results.growth += await growth.measure(server, database, owners, scale)


async def _services(url: str, folder: Path, owners: Sequence[Owner]) -> list[Contender]:
    """Return the service on PostgreSQL and on SQLite, with the tenants in both; each was started once before."""
    contenders = [service(SERVICE, folder / "postgresql", url), service(ON_SQLITE, folder / "sqlite")]
    hello = Request(raw("nobody", "{ viewer { id } }"), fine)
    for contender, database in zip(contenders, (url, f"sqlite:///{folder / 'sqlite' / 'service.db'}"), strict=True):
        with running([contender], folder) as [server]:
            await server.answers(hello)
        fill(database, owners)
    return contenders


def machine() -> dict[str, str]:
    """Say what it is measured on."""
    models = re.findall(r"^model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    with psycopg.connect(new_database()) as connection:
        shown = {name: connection.execute(f"SHOW {name}").fetchall()[0][0] for name in _SHOWN}
    return {
        "processors": f"{os.cpu_count()} × {models[0] if models else platform.machine()}",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "PostgreSQL": ", ".join(f"{name} {value}" for name, value in shown.items()),
        "SQLite": f"{sqlite3.sqlite_version}, synchronous FULL",
    }
