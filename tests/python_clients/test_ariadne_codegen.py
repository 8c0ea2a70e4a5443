"""ariadne-codegen makes a typed client from schema.graphql, and the client works.

It wants graphql-core 3.2, the service 3.3: so it lives in an environment of its own.
"""

import os
import subprocess
import venv
from pathlib import Path

import pytest

from tests.client import PRINTED, Client

WITHIN_S = 100
PACKAGES = ["ariadne-codegen[subscriptions]==0.19.0"]
CONFIGURATION = f"""
[tool.ariadne-codegen]
schema_path = "{PRINTED.as_posix()}"
queries_path = "documents.graphql"
target_package_name = "snapshots_client"

[tool.ariadne-codegen.scalars.DateTime]
type = "datetime.datetime"

[tool.ariadne-codegen.scalars.ByteCount]
type = "int"
"""
DOCUMENTS = """
query ListVolumes($first: Int, $filter: VolumeFilter) {
  volumes(first: $first, filter: $filter) {
    totalCount
    nodes { id name status sizeGb createdAt actions { action allowed } sourceSnapshot { usedBytes } }
  }
}

mutation CreateVolume($input: CreateVolumeInput!) {
  createVolume(input: $input) {
    ... on VolumePayload { volume { id status } }
    ... on InvalidInput { code fields { path message } }
    ... on Problem { code message }
  }
}

subscription WatchVolume($id: ID!) {
  volumeChanges(volumeId: $id) { kind cursor status volume { name } }
}
"""
SCRIPT = """
import asyncio
import contextlib
import datetime
import sys

from snapshots_client import Client, CreateVolumeInput, VolumeFilter, VolumeStatus
from snapshots_client.create_volume import CreateVolumeCreateVolumeInvalidInput, CreateVolumeCreateVolumeVolumePayload

address, authorization = sys.argv[1:]


async def main():
    async with Client(
        url=f"{address}/graphql",
        headers={"Authorization": authorization},
        ws_url=address.replace("http", "ws") + "/graphql",
        ws_connection_init_payload={"Authorization": authorization},
    ) as client:
        refused = (await client.create_volume(CreateVolumeInput(name="no", sizeGb=1, product="SSD"))).create_volume
        assert isinstance(refused, CreateVolumeCreateVolumeInvalidInput)
        assert [field.path for field in refused.fields] == [["name"], ["sizeGb"]]

        made = (await client.create_volume(CreateVolumeInput(name="generated", sizeGb=10, product="SSD"))).create_volume
        assert isinstance(made, CreateVolumeCreateVolumeVolumePayload)
        async with contextlib.aclosing(client.watch_volume(made.volume.id)) as messages:
            async for message in messages:
                if message.volume_changes.status is VolumeStatus.AVAILABLE:
                    break

        volumes = (await client.list_volumes(filter_=VolumeFilter(status=[VolumeStatus.AVAILABLE]))).volumes
        assert [(it.name, it.size_gb) for it in volumes.nodes] == [("generated", 10)]
        assert isinstance(volumes.nodes[0].created_at, datetime.datetime)


asyncio.run(main())
"""


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a new environment that has ariadne-codegen."""
    place = tmp_path_factory.mktemp("ariadne")
    venv.create(place, with_pip=True)
    python = next(place.glob("*/python"))
    installed = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES],
        capture_output=True,
        text=True,
        check=False,
        timeout=WITHIN_S,
    )
    if installed.returncode != 0:
        (pytest.fail if "CI" in os.environ else pytest.skip)(
            f"NOT TESTED: {PACKAGES} cannot be installed: {installed.stderr.strip()[-500:]}"
        )
    return python


@pytest.fixture(scope="session")
def generated(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the generated client lies."""
    folder = tmp_path_factory.mktemp("generated")
    (folder / "pyproject.toml").write_text(CONFIGURATION, encoding="utf-8")
    (folder / "documents.graphql").write_text(DOCUMENTS, encoding="utf-8")
    _run(python.with_name("ariadne-codegen"), at=folder)
    return folder


def test_the_generated_client_lists_creates_and_watches(python: Path, generated: Path, client: Client) -> None:
    script = generated / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")

    _run(python, script, client.address, client.authorization, at=generated)


def _run(*command: Path | str, at: Path) -> None:
    ran = subprocess.run(command, capture_output=True, text=True, cwd=at, check=False, timeout=WITHIN_S)
    assert ran.returncode == 0, ran.stdout + ran.stderr
