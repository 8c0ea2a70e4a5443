"""The JavaScript clients of the field, each as its documentation has it, against the real service."""

from pathlib import Path

import pytest

from app.settings import Settings
from app.testing.serving import serving
from tests.client import SECRET, Client
from tests.clients.conftest import HERE, Run
from tests.clients.package import INSTALL_WITHIN_S, RUN_WITHIN_S, Package

pytestmark = pytest.mark.timeout(INSTALL_WITHIN_S + 2 * RUN_WITHIN_S)  # whichever test comes first installs them


def test_graphql_http_audits_the_service_without_a_warning(run: Run) -> None:
    run("audit")


def test_apollo_client_4_works_over_http(run: Run) -> None:
    run("apollo:http")


def test_apollo_client_4_watches_over_a_websocket(run: Run) -> None:
    run("apollo:websocket")


def test_apollo_client_4_watches_over_sse(run: Run) -> None:
    run("apollo:sse")


def test_urql_6_gets_json_over_http_though_it_accepts_an_event_stream_too(run: Run) -> None:
    run("urql:http")


def test_urql_6_watches_over_a_websocket(run: Run) -> None:
    run("urql:websocket")


def test_urql_6_watches_over_sse(run: Run) -> None:
    run("urql:sse")


def test_graphql_ws_has_several_operations_on_one_socket(run: Run) -> None:
    run("graphql-ws:together")


def test_graphql_ws_reconnects_by_itself_and_resumes_behind_its_cursor(run: Run) -> None:
    run("graphql-ws:resume")


def test_graphql_ws_has_each_ping_answered(run: Run) -> None:
    run("graphql-ws:keepalive")


def test_graphql_sse_has_every_kind_of_operation_over_sse(run: Run) -> None:
    run("graphql-sse:operations")


def test_graphql_sse_reconnects_by_itself_and_resumes_by_last_event_id(run: Run) -> None:
    run("graphql-sse:resume")


def test_plain_fetch_resumes_by_last_event_id(run: Run) -> None:
    run("fetch:resume")


def test_gql_tada_has_documents_typed_by_the_schema_where_they_stand(run: Run) -> None:
    run("gql-tada:http")


def test_tests_in_vitest_drive_a_service_in_development(package: Package, tmp_path: Path) -> None:
    with serving(Settings(data=tmp_path, jwt_secret=SECRET)) as address:
        for tenant in ("demo", "other"):  # who are known already get no demo data, for nobody looks at it here
            with Client(address, tenant) as client:
                client.volume()
    with serving(Settings(data=tmp_path, dev=True)) as address:
        package.run("vitest", SERVICE=address)


def test_relay_compiler_finds_all_it_needs_in_the_schema(package: Package) -> None:
    package.run("relay")


def test_graphql_eslint_finds_no_fault_in_the_schema(package: Package) -> None:
    package.run("lint")


def test_what_graphql_codegen_makes_of_the_schema_passes_tsc_strict(package: Package) -> None:
    package.run("types")


def test_the_lock_file_names_no_registry() -> None:
    assert '"resolved"' not in (HERE / "package-lock.json").read_text(encoding="utf-8")
