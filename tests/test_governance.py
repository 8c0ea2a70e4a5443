"""A new version breaks nobody's client: the schema takes back nothing that the last release promised."""

import shutil
import subprocess

import pytest
from graphql import build_schema, find_breaking_changes

from tests.client import PRINTED

MADE_UP = """
  type Query { volume(after: String): Result, status: Status, refused(input: Input): Refused }
  type Volume { id: ID! name: String }
  type Refused { code: String }
  union Result = Volume | Refused
  enum Status { AVAILABLE ERROR }
  input Input { key: String }
"""


def git(*arguments: str) -> str:
    """Ask git; skip where there is nothing to be asked."""
    if not shutil.which("git"):
        pytest.skip("NOT CHECKED: there is no git here")
    asked = subprocess.run(["git", *arguments], cwd=PRINTED.parent, capture_output=True, text=True, check=False)
    if asked.returncode != 0:
        pytest.skip(f"NOT CHECKED: there is no release to compare with: {asked.stderr.strip()}")
    return asked.stdout


def taken_back(before: str, after: str) -> list[str]:
    """Return what a client of the schema before could not do with the one after."""
    return [change.description for change in find_breaking_changes(build_schema(before), build_schema(after))]


def test_the_schema_takes_back_nothing_since_the_last_release() -> None:
    release = git("describe", "--tags", "--abbrev=0").strip()

    assert taken_back(git("show", f"{release}:{PRINTED.name}"), PRINTED.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("promised", "instead", "told"),
    [
        ("name: String", "", "Field Volume.name was removed."),
        ("id: ID!", "id: ID", "Field Volume.id changed type from ID! to ID."),
        ("(after: String)", "", "Argument Query.volume(after:) was removed."),
        ("ERROR", "", "Enum value Status.ERROR was removed."),
        ("Volume | Refused", "Volume", "Refused was removed from union type Result."),
        ("key: String }", "key: String! }", "Field Input.key changed type from String to String!."),
    ],
)
def test_what_would_be_taken_back_is_found(promised: str, instead: str, told: str) -> None:
    assert taken_back(MADE_UP, MADE_UP.replace(promised, instead)) == [told]


def test_what_is_added_takes_nothing_back() -> None:
    assert taken_back(MADE_UP, MADE_UP.replace("name: String", "name: String size: Int")) == []
