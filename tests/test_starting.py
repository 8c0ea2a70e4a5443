"""Starting: nobody looks for garbage among what is made at the start, neither then nor at once after it."""

import contextlib
import gc
import weakref
from collections.abc import AsyncIterator, Iterator

import pytest
from starlette.applications import Starlette

from app.server import serving_aside
from app.settings import Settings
from app.starting import starting
from app.transport.streams import Streams


class Made:
    """Refers to itself, so that only who looks for garbage finds it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def looked_for() -> Iterator[None]:
    """Garbage is looked for, as always, also when a test is over."""
    gc.enable()
    yield
    gc.unfreeze()
    gc.enable()


def test_garbage_is_not_looked_for_while_it_starts_but_before_and_after() -> None:
    with starting():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_is_looked_for_again_after_a_start_that_failed() -> None:
    with pytest.raises(SystemExit), starting():
        raise SystemExit
    assert gc.isenabled()


def test_who_has_it_looked_for_by_nobody_keeps_it_so() -> None:
    gc.disable()
    with starting():
        pass
    assert not gc.isenabled()


def test_a_start_within_another_ends_with_the_outer_one() -> None:
    with starting():
        with starting():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_what_was_made_counts_as_old_when_it_has_started() -> None:
    with starting():
        made = Made()
        assert among(made, generation=0)
    assert among(made, generation=2)


def test_what_was_made_and_is_wanted_no_longer_is_garbage_all_the_same() -> None:
    with starting():
        made = weakref.ref(Made())
    assert made() is not None
    gc.collect()
    assert made() is None


def test_what_was_made_for_good_is_never_looked_through() -> None:
    with starting(for_good=True):
        made = Made()
    assert gc.get_freeze_count() > 0
    assert not any(among(made, generation) for generation in range(3))


def test_a_server_is_starting_until_what_it_stands_on_is_open() -> None:
    looked = []

    @contextlib.asynccontextmanager
    async def opening(_: Starlette) -> AsyncIterator[None]:
        looked.append(gc.isenabled())
        yield
        looked.append(gc.isenabled())

    app = Starlette(lifespan=opening)
    app.state.streams = Streams(0)
    with serving_aside(app, Settings(port=0)):
        pass
    assert looked == [False, True]


def among(made: Made, generation: int) -> bool:
    """Whether it is one of that generation."""
    return any(one is made for one in gc.get_objects(generation))
