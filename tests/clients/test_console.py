"""The pages' sources, as a client of the schema: what they ask for is there, and what they do with it fits."""

from pathlib import Path

import pytest

from tests.client import PRINTED
from tests.clients.conftest import installed
from tests.clients.package import INSTALL_WITHIN_S, RUN_WITHIN_S

SOURCES = PRINTED.parent / "app" / "console"


@pytest.mark.timeout(INSTALL_WITHIN_S + 2 * RUN_WITHIN_S)
def test_the_console_and_graphiql_pass_tsc_and_each_document_fits_the_schema(tmp_path: Path) -> None:
    installed(SOURCES, tmp_path).run("check")


def test_their_lock_file_names_no_registry() -> None:
    assert '"resolved"' not in (SOURCES / "package-lock.json").read_text(encoding="utf-8")
