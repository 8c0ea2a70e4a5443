"""What a tenant may write into a field: the guide's table, row by row, and at its edges."""

import string
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.input import Input, searchable
from app.domain.problems import InvalidInput, Unanswerable
from tests.domain.make import some
from tests.domain.raised import raised

FAMILY = "👨‍👩‍👧"
E_ACUTE = "e\N{COMBINING ACUTE ACCENT}"
HAN_IN_PARTS = "\N{HANGUL CHOSEONG HIEUH}\N{HANGUL JUNGSEONG A}\N{HANGUL JONGSEONG NIEUN}"
PERSONS_COUNT_ONE = ["a", "한", "é", "\n", "\t", FAMILY, E_ACUTE, HAN_IN_PARTS, "🇰🇷", "👍🏽"]


def fits(rule: Callable[..., None], *value: object) -> bool:
    """Whether a field's rule finds no fault in the value."""
    given = Input()
    rule(given, "field", *value)
    problem = raised(InvalidInput, given.done)
    assert problem is None or {fault.path for fault in problem.faults} == {("field",)}
    return problem is None


@pytest.mark.parametrize("name", ["abc", "a" * 20, "A-z-0-9", "---", "123"])
def test_a_name_has_3_to_20_bytes_of_letters_digits_and_hyphens(name: str) -> None:
    assert fits(Input.name, name)


@pytest.mark.parametrize(
    "name",
    ["", "ab", "a" * 21, "a b", "a_b", "한국어", "abc한", "ab🙂", "abc\n", "\nabc", "a\nbc", "abc\0", "ＡＢＣ", "١٢٣"],
    ids=ascii,
)
def test_any_other_name_is_a_fault(name: str) -> None:
    assert not fits(Input.name, name)


@given(st.text(st.sampled_from(string.ascii_letters + string.digits + "-_ \n한")) | st.text())
@some
def test_a_name_fits_exactly_when_its_bytes_do(name: str) -> None:
    allowed = (string.ascii_letters + string.digits + "-").encode()
    written = name.encode("utf-8", "surrogatepass")
    assert fits(Input.name, name) == (3 <= len(written) <= 20 and all(byte in allowed for byte in written))


@pytest.mark.parametrize("one", PERSONS_COUNT_ONE, ids=ascii)
def test_a_description_has_at_most_100_characters_as_a_person_counts_them(one: str) -> None:
    assert fits(Input.description, one * 100)
    assert not fits(Input.description, one * 101)


@given(st.lists(st.sampled_from(PERSONS_COUNT_ONE), min_size=90, max_size=110))
@some
def test_characters_of_any_languages_side_by_side_count_one_each(characters: list[str]) -> None:
    assert fits(Input.description, "".join(characters)) == (len(characters) <= 100)


@pytest.mark.parametrize("description", ["", "line\nline\tcolumn", "백업 9/100자", "مرحبا", "<b>&amp;';--"])
def test_a_description_may_be_empty_of_many_lines_and_in_any_language(description: str) -> None:
    assert fits(Input.description, description)


@pytest.mark.parametrize("control", ["\0", "\r", "\x1b", "\x7f", "\x85", "\ud800"], ids=ascii)
def test_a_description_has_no_control_characters_nor_halves_of_characters(control: str) -> None:
    assert not fits(Input.description, f"before{control}after")


@pytest.mark.parametrize(
    ("size_gb", "fit"), [(-1, False), (0, False), (9, False), (10, True), (1000, True), (1001, False)]
)
def test_a_volume_has_10_to_1000_gb(size_gb: int, fit: bool) -> None:
    assert fits(Input.size_gb, size_gb) == fit


@pytest.mark.parametrize(
    ("now_gb", "to_gb", "fit"),
    [
        (10, 10, False),
        (10, 9, False),
        (10, -1, False),
        (10, 11, True),
        (10, 1000, True),
        (10, 1001, False),
        (1000, 1000, False),
    ],
)
def test_a_new_size_is_greater_than_now_and_at_most_1000_gb(now_gb: int, to_gb: int, fit: bool) -> None:
    assert fits(Input.new_size_gb, to_gb, now_gb) == fit


@pytest.mark.parametrize(("product", "fit"), [("SSD", True), ("ssd", False), ("", False)])
def test_a_product_is_one_of_those_on_offer(product: str, fit: bool) -> None:
    assert fits(Input.product, product, ["HDD", "SSD"]) == fit


@pytest.mark.parametrize(
    ("key", "fit"),
    [(None, True), ("k", True), ("~ !" * 21, True), ("k" * 64, True), ("k" * 65, False), ("", False)]
    + [(f"k{odd}", False) for odd in ("\n", "\0", "\x7f", "é", "열")],
    ids=ascii,
)
def test_an_idempotency_key_has_1_to_64_printable_ascii_characters(key: str | None, fit: bool) -> None:
    assert fits(Input.idempotency_key, key) == fit


@pytest.mark.parametrize(
    ("label", "fit"),
    [
        (None, True),
        ("srv-1", True),
        ("서버", True),
        ("s" * 255, True),
        ("s" * 256, False),
        ("", False),
        ("a\nb", False),
    ],
    ids=ascii,
)
def test_a_server_is_named_by_1_to_255_characters_without_control_characters(label: str | None, fit: bool) -> None:
    assert fits(Input.label, label) == fit


@pytest.mark.parametrize(
    ("reason", "fit"),
    [("ticket 7\nsee there", True), ("r" * 500, True), ("r" * 501, False), (" \n ", False), ("\0", False)],
)
def test_a_reason_has_1_to_500_characters_and_is_not_blank(reason: str, fit: bool) -> None:
    assert fits(Input.reason, reason) == fit


def test_all_faults_of_one_input_come_back_at_once_each_with_its_path() -> None:
    given = Input()
    given.name("name", "")
    given.description("description", "\0" + "a" * 100)
    given.size_gb("sizeGb", 9)
    given.product("product", "SSD", ["SSD"])
    given.idempotency_key("idempotencyKey", "")
    with pytest.raises(InvalidInput) as caught:
        given.done()
    paths = [fault.path for fault in caught.value.faults]
    assert paths == [("name",), ("description",), ("description",), ("sizeGb",), ("idempotencyKey",)]
    assert str(caught.value) == "the input has faults at: name, description, description, sizeGb, idempotencyKey"


def test_in_an_update_null_is_a_fault_of_its_field_and_the_others_are_looked_at_too() -> None:
    given = Input()
    given.changes({"name": None, "description": "\0", "protected": None})
    with pytest.raises(InvalidInput) as caught:
        given.done()
    assert [fault.path for fault in caught.value.faults] == [("name",), ("description",), ("protected",)]


def test_an_update_of_nothing_has_no_fault() -> None:
    given = Input()
    given.changes({})
    given.changes({"name": "orders", "description": "", "protected": False})
    given.done()


@given(st.text())
@example("\ud800")
@some
def test_any_text_is_either_fit_or_a_fault_and_breaks_nothing(text: str) -> None:
    for rule in (Input.name, Input.description, Input.idempotency_key, Input.label, Input.reason):
        fits(rule, text)


@pytest.mark.parametrize("text", [None, "", "orders", "100%", "a" * 100])
def test_a_search_is_for_what_a_name_or_description_could_hold(text: str | None) -> None:
    assert searchable(text) == text


@pytest.mark.parametrize("text", ["a" * 101, "\0", "\ud800"], ids=ascii)
def test_a_search_for_what_none_could_hold_is_unanswerable(text: str) -> None:
    with pytest.raises(Unanswerable) as caught:
        searchable(text)
    assert (caught.value.code, caught.value.argument) == ("INVALID_FILTER", "search")
