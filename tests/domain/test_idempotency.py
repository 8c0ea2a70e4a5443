"""When two requests are the same request."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.idempotency import IdempotencyKey, digest_of
from app.domain.problems import ProblemCode, Refused
from app.domain.record import now
from tests.domain.make import some

inputs = st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text(), max_size=5)
requests = st.tuples(st.sampled_from(["createVolume", "createSnapshot"]), inputs)


@given(requests)
@some
def test_equal_inputs_give_equal_digests_in_whatever_order_their_fields_come(
    request: tuple[str, dict[str, object]],
) -> None:
    verb, given_ = request
    assert digest_of(verb, given_) == digest_of(verb, dict(reversed(given_.items())))


@given(requests, requests)
@some
def test_digests_are_equal_exactly_when_verb_and_input_are(
    one: tuple[str, dict[str, object]], other: tuple[str, dict[str, object]]
) -> None:
    same = repr((one[0], sorted(one[1].items(), key=str))) == repr((other[0], sorted(other[1].items(), key=str)))
    assert (digest_of(*one) == digest_of(*other)) == same


def test_a_number_and_its_text_are_different_inputs() -> None:
    assert len({digest_of("v", {"x": value}) for value in (1, "1", True, None, "")}) == 5


def test_a_key_used_for_another_input_is_refused_by_name() -> None:
    key = IdempotencyKey(tenant_id="t", key="k-1", digest=digest_of("v", {"x": 1}), answer="{}", made_at=now())
    key.must_be_for(digest_of("v", {"x": 1}))
    with pytest.raises(Refused, match="k-1") as caught:
        key.must_be_for(digest_of("v", {"x": 2}))
    assert caught.value.code == ProblemCode.IDEMPOTENCY_KEY_REUSED
