"""The Korean catalogue holds every sentence that the code says, and no other."""

import ast
from collections import Counter
from pathlib import Path
from string import Formatter

from babel.messages.pofile import read_po

import app

ROOMS = Path(app.__file__).parent


def calls_of_say() -> list[ast.expr]:
    """Find the first argument of every call of `say` in the code."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in sorted(ROOMS.rglob("*.py"))]
    return [
        node.args[0]
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say"
    ]


def said() -> set[str]:
    """Find every text that the code says."""
    return {ast.literal_eval(text) for text in calls_of_say() if isinstance(text, ast.Constant)}


def catalogue() -> dict[str, str]:
    """Read the Korean texts by the English ones."""
    with (ROOMS / "api" / "ko.po").open("rb") as file:
        return {str(entry.id): str(entry.string) for entry in read_po(file, abort_invalid=True) if entry.id}


def places(text: str) -> set[str]:
    """Find the places for facts in a text."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_whatever_is_said_is_a_literal_so_that_it_can_be_found_and_translated() -> None:
    assert [ast.unparse(text) for text in calls_of_say() if not isinstance(text, ast.Constant)] == []


def test_every_sentence_of_the_code_is_in_the_korean_catalogue() -> None:
    assert said() - catalogue().keys() == set()


def test_the_korean_catalogue_has_no_sentence_that_the_code_does_not_say() -> None:
    assert catalogue().keys() - said() == set()


def test_the_korean_catalogue_has_each_sentence_once() -> None:
    lines = (ROOMS / "api" / "ko.po").read_text(encoding="utf-8").splitlines()
    counted = Counter(line for line in lines if line.startswith("msgid"))

    assert [line for line, times in counted.items() if times > 1] == []


def test_every_korean_sentence_is_in_korean() -> None:
    assert [text for text, korean in catalogue().items() if not any("가" <= char <= "힣" for char in korean)] == []


def test_a_korean_sentence_has_the_places_for_facts_of_its_english_one() -> None:
    assert {text: korean for text, korean in catalogue().items() if places(text) != places(korean)} == {}
