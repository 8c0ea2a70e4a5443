"""What a process stands on is opened at its start, and tried again until it answers."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from structlog.testing import capture_logs

from app import opening
from app.domain.unavailable import Unavailable
from app.opening import Opening

WAIT_S = 20.0


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_AGAIN_AFTER_S", 0.001)


class Parts:
    """Fail as told, one try after the other, and are open then."""

    def __init__(self, *failures: Exception) -> None:
        self._failures = list(failures)
        self.are_open, self.closed = threading.Event(), threading.Event()

    @contextmanager
    def __call__(self) -> Iterator[str]:
        if self._failures:
            raise self._failures.pop(0)
        self.are_open.set()
        yield "the parts"
        self.closed.set()


def told_until_open(*failures: Exception) -> Sequence[tuple[str, str]]:
    """What the log says until the parts are open, and how loud."""
    parts = Parts(*failures)
    with capture_logs() as told, Opening(parts).running():
        assert parts.are_open.wait(WAIT_S)
    return [(line["log_level"], line["event"]) for line in told]


def test_what_answers_at_once_is_open_when_the_block_begins_and_closed_at_its_end() -> None:
    parts = Parts()
    tried = Opening(parts)
    with tried.running():
        assert tried.opened() == "the parts"
        assert not parts.closed.is_set()
    assert parts.closed.is_set()


def test_until_it_answers_nobody_is_served() -> None:
    parts = Parts(*[Unavailable("down")] * 1_000_000)
    tried = Opening(parts)
    with tried.running(), pytest.raises(Unavailable, match="the service is starting"):
        tried.opened()


def test_what_is_waited_for_is_said_once_however_often_it_is_tried() -> None:
    told = told_until_open(*[Unavailable("down")] * 3, *[Unavailable("not migrated")] * 3, Unavailable("down"))
    assert told == [
        ("warning", "down; it is tried again every second"),
        ("warning", "not migrated; it is tried again every second"),
        ("warning", "down; it is tried again every second"),
        ("info", "the database and the storage answer"),
    ]


def test_what_nobody_foresaw_is_tried_again_too() -> None:
    assert told_until_open(RuntimeError("a bug"))[0] == ("error", "the start failed; it is tried again every second")
