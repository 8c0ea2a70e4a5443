"""The command line: what an operator types, what it prints and how it ends."""

import dataclasses
import json
import signal
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
import typer.main
from graphql import build_schema, find_breaking_changes
from typer.core import TyperGroup
from typer.testing import CliRunner

from app.cli import application, cli
from app.drivers.files import MARKER
from app.settings import Settings
from app.testing.process import Process
from tests.client import PRINTED, SECRET, Client, printed_schema

SETTINGS = {field.name for field in dataclasses.fields(Settings)}
OF_ONE_RUN = {"mend", "subject", "name", "tenant", "role", "minutes"}
WIDE = {"COLUMNS": "240"}
NOWHERE = {"APP_DATABASE_URL": "nowhere://"}  # so that what is not refused ends too


@pytest.fixture
def terminal() -> CliRunner:
    """A terminal with no setting of ours in its environment."""
    return CliRunner(env=dict.fromkeys(map(twin, SETTINGS | OF_ONE_RUN)) | WIDE)


def commands() -> Mapping[str, Any]:
    built = typer.main.get_command(cli)
    assert isinstance(built, TyperGroup)
    return built.commands


def twin(name: str) -> str:
    return f"APP_{name.upper()}"


# Flags and their environment twins


@pytest.mark.parametrize("name", commands())
def test_every_flag_shows_its_environment_twin(terminal: CliRunner, name: str) -> None:
    told = terminal.invoke(cli, [name, "--help"]).output
    for flag in commands()[name].params:
        assert flag.opts[0] in told
        assert (f"[env var: {twin(flag.name)}]" in told) == (name != "schema"), "the schema is the same everywhere"


def test_every_setting_is_a_flag_of_some_command() -> None:
    assert {flag.name for command in commands().values() for flag in command.params} == SETTINGS | OF_ONE_RUN


def test_a_command_takes_its_settings_from_the_environment(terminal: CliRunner) -> None:
    environment = {"APP_JWT_SECRET": SECRET, "APP_JWT_ISSUER": "https://issuer.example", "APP_CLAIM_TENANT": "org"}
    made = terminal.invoke(cli, ["token", "--tenant", "acme"], env=environment)
    claims = jwt.decode(made.output.strip(), SECRET, algorithms=["HS256"])
    assert (claims["iss"], claims["org"]) == ("https://issuer.example", "acme")


def test_a_flag_wins_over_its_environment_twin(terminal: CliRunner) -> None:
    made = terminal.invoke(cli, ["token", "--jwt-secret", SECRET], env={"APP_JWT_SECRET": "x" * 40})
    assert jwt.decode(made.output.strip(), SECRET, algorithms=["HS256"])["sub"] == "tester"


# serve


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_serving_without_tokens_is_for_loopback_only(terminal: CliRunner, host: str) -> None:
    refused = terminal.invoke(cli, ["serve", "--dev", "--host", host], env=NOWHERE)
    assert refused.exit_code == 2
    assert f"--dev asks nobody for a token, so it serves loopback only, not {host}" in refused.output


def test_a_sandbox_is_for_loopback_only_unless_it_is_meant_for_more(terminal: CliRunner) -> None:
    serve = ["serve", "--sandbox", "--host", "0.0.0.0", "--jwt-secret", SECRET]
    refused = terminal.invoke(cli, serve, env=NOWHERE)
    assert refused.exit_code == 2
    assert "--sandbox serves loopback only, not 0.0.0.0, unless --sandbox-anywhere says that it is meant" in (
        refused.output
    )
    meant = terminal.invoke(cli, [*serve, "--sandbox-anywhere"], env=NOWHERE)
    assert "--database-url" in str(meant.exception), "it went on to what is wrong next"


@pytest.mark.parametrize("name", ["dev", "sandbox"])
def test_a_server_of_many_processes_is_neither_for_development_nor_a_sandbox(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(twin("jwt_secret"), SECRET)
    monkeypatch.setenv(twin(name), "1")
    with pytest.raises(SystemExit, match=f"--{name} is for `serve`"):
        application()


def test_serving_needs_a_key_by_which_callers_are_known(terminal: CliRunner) -> None:
    refused = terminal.invoke(cli, ["serve"], env=NOWHERE)
    assert refused.exit_code == 2
    assert "set --jwt-secret or --jwt-jwks, so that callers can be known; or try it with --dev" in refused.output


def test_the_log_is_json_and_tells_each_answered_request_by_the_id_that_its_answer_carries(tmp_path: Path) -> None:
    with Process("serve", data=tmp_path, port=0, jwt_secret=SECRET) as service:
        with Client(service.address(), "acme") as client:
            ids = [client.http.get("/healthz").headers["x-request-id"] for _ in range(2)]
            lines = [service.logged("answered") for _ in ids]
        service.stop()
    assert [line["request_id"] for line in lines] == ids
    assert {(line["method"], line["path"], line["status"], line["level"]) for line in lines} == {
        ("GET", "/healthz", 200, "info")
    }
    for line in service.lines:
        assert {"event", "level", "timestamp"} <= json.loads(line).keys()


def test_a_service_that_is_asked_to_end_says_goodbye_to_those_who_watch_and_ends_by_that_signal(tmp_path: Path) -> None:
    with (
        Process("serve", data=tmp_path, port=0, jwt_secret=SECRET) as service,
        Client(service.address(), "acme") as client,
        client.watching("subscription { volumeChanges { kind } }") as messages,
    ):
        next(messages)
        assert service.stop() == -signal.SIGTERM
    assert any("shutdown complete" in line for line in service.lines)


# worker


def test_a_worker_that_is_asked_to_end_ends_with_0(tmp_path: Path) -> None:
    settings = {"data": tmp_path, "port": 0, "jwt_secret": SECRET}
    with Process("serve", "--no-worker", **settings) as service, Process("worker", **settings) as worker:
        with Client(service.address(), "acme") as client:
            client.volume()
        assert worker.logged("settled")["by"] == "storage: done"
        assert worker.stop() == 0


def test_a_worker_tells_its_health_and_what_it_did_where_it_is_given_a_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with Process("worker", data=tmp_path, worker_port=port) as worker, httpx.Client(base_url=worker.address()) as asked:
        worker.logged("answer")
        assert asked.get("/healthz").json() == {"status": "alive"}
        assert asked.get("/readyz").json() == {"database": "ok", "storage": "ok"}
        settings = {"data": tmp_path, "port": 0, "jwt_secret": SECRET}
        with Process("serve", "--no-worker", **settings) as service, Client(service.address(), "acme") as client:
            client.volume()
        assert 'driver_call_seconds_count{outcome="done",verb="create_volume"} 1.0' in asked.get("/metrics").text
        (tmp_path / "storage").rename(tmp_path / "away")
        assert asked.get("/readyz").json() == {"database": "ok", "storage": "does not answer"}
        assert asked.get("/graphql").status_code == 404
        assert worker.stop() == 0


# schema, token


def test_schema_prints_the_schema_as_it_lies_in_the_repository(terminal: CliRunner) -> None:
    assert terminal.invoke(cli, ["schema"]).output == PRINTED.read_text(encoding="utf-8")


def test_the_schema_that_is_printed_is_not_a_matter_of_where_a_sandbox_runs(terminal: CliRunner) -> None:
    printed = terminal.invoke(cli, ["schema"], env={"APP_SANDBOX": "1"})
    assert printed.output == PRINTED.read_text(encoding="utf-8")


def test_schema_prints_what_a_sandbox_has_beside_it_where_it_is_asked_to(terminal: CliRunner) -> None:
    printed = build_schema(terminal.invoke(cli, ["schema", "--sandbox"]).output)
    assert find_breaking_changes(printed_schema(), printed) == []
    assert printed.mutation_type is not None
    assert printed.mutation_type.fields.keys() - printed_schema().mutation_type.fields.keys() == {"sandbox"}  # type: ignore[union-attr]


def test_a_token_that_was_made_here_is_taken_by_the_service(terminal: CliRunner, service: str, tenant: str) -> None:
    made = terminal.invoke(
        cli, ["token", "--jwt-secret", SECRET, "--tenant", tenant, "--name", "Ann", "--role", "administrator"]
    )
    with Client(service, "another") as client:
        client.http.headers["Authorization"] = f"Bearer {made.output.strip()}"
        viewer = client.ask("{ viewer { name roles tenant { id } } }")["viewer"]
    assert (viewer["name"], viewer["tenant"]["id"]) == ("Ann", tenant)
    assert "ADMINISTRATOR" in viewer["roles"]


def test_a_token_needs_a_secret(terminal: CliRunner) -> None:
    refused = terminal.invoke(cli, ["token"])
    assert refused.exit_code == 2
    assert "--jwt-secret is needed to sign with" in refused.output


# migrate, doctor


def test_migrating_makes_the_schema_and_can_be_done_again(terminal: CliRunner, tmp_path: Path) -> None:
    for _ in range(2):
        done = terminal.invoke(cli, ["migrate", "--data", str(tmp_path / "data")])
        assert (done.exit_code, done.output) == (0, "the schema is the newest\n")
    assert (tmp_path / "data" / "service.db").exists()


def test_the_doctor_ends_with_1_where_something_is_amiss_and_with_0_once_it_is_mended(
    terminal: CliRunner, tmp_path: Path
) -> None:
    found = "vol-of-nobody: bytes without a row → delete the bytes\n"
    doctor = ["doctor", "--data", str(tmp_path)]
    assert (terminal.invoke(cli, doctor).output, terminal.invoke(cli, doctor).exit_code) == ("0 amiss\n", 0)

    stray = tmp_path / "storage" / "volumes" / "vol-of-nobody.raw"
    stray.write_bytes(b"of nobody")
    looked = terminal.invoke(cli, doctor)
    assert (looked.output, looked.exit_code) == (f"{found}1 amiss\n", 1)
    assert stray.exists()

    mended = terminal.invoke(cli, [*doctor, "--mend"])
    assert (mended.output.splitlines()[0] + "\n", mended.output.splitlines()[-1]) == (found, "1 amiss, mended")
    assert (mended.exit_code, stray.exists()) == (0, False)
    assert terminal.invoke(cli, doctor).exit_code == 0


def test_the_doctor_goes_on_after_what_it_cannot_mend_and_ends_with_1(terminal: CliRunner, tmp_path: Path) -> None:
    doctor = ["doctor", "--data", str(tmp_path)]
    terminal.invoke(cli, doctor)
    stubborn = tmp_path / "storage" / "volumes" / f"{'v' * 245}.raw"  # a name too long for the trash
    stray = tmp_path / "storage" / "snapshots" / "snap-of-nobody.raw"
    for file in (stubborn, stray):
        file.touch()
    mended = terminal.invoke(cli, [*doctor, "--mend"])
    assert (mended.exit_code, stubborn.exists(), stray.exists()) == (1, True, False)
    assert f"{stubborn.stem}: could not be mended: the storage did not answer" in mended.output


def test_the_doctor_says_that_the_storage_is_not_there_instead_of_finding_all_lost(
    terminal: CliRunner, tmp_path: Path
) -> None:
    with (
        Process("serve", data=tmp_path, port=0, jwt_secret=SECRET) as service,
        Client(service.address(), "acme") as client,
    ):
        client.volume()
    (tmp_path / "storage").rename(tmp_path / "unmounted")
    answer = terminal.invoke(cli, ["doctor", "--mend", "--data", str(tmp_path)])
    assert "is its disk mounted?" in str(answer.exception)
    assert answer.exit_code not in (0, None)


def test_the_doctor_takes_no_bytes_of_another_installation_for_strays(terminal: CliRunner, tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    with Process("serve", data=theirs, port=0, jwt_secret=SECRET) as service:
        with Client(service.address(), "acme") as client:
            volume = client.volume()["id"]
        service.stop()
    ours.mkdir()
    (ours / "storage").symlink_to(theirs / "storage")
    answer = terminal.invoke(cli, ["doctor", "--mend", "--data", str(ours)])
    assert "is not the storage of this database: it is marked as that of another database" in str(answer.exception)
    assert answer.exit_code not in (0, None)
    assert (theirs / "storage" / "volumes" / f"{volume}.raw").exists()


def test_a_storage_from_before_it_was_marked_goes_to_the_database_that_knows_it(
    terminal: CliRunner, tmp_path: Path
) -> None:
    with Process("serve", data=tmp_path, port=0, jwt_secret=SECRET) as service:
        with Client(service.address(), "acme") as client:
            client.volume()
        service.stop()
    marker = tmp_path / "storage" / MARKER
    marked = marker.read_text()
    marker.write_text("")
    assert terminal.invoke(cli, ["doctor", "--data", str(tmp_path)]).output == "0 amiss\n"
    assert marker.read_text() == marked
