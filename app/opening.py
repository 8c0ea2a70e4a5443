"""Opening: what a process stands on is opened at its start, and tried again until it answers.

What only the settings can cure, as a URL that is none, ends a process with a sentence before it comes to that. What may
come right by itself does not: a database that is down or not migrated yet, storage that is away. The process stays and
says in a sentence what it waits for; it is not ready, and goes on when that is there.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Generic, TypeVar

import structlog

from app.domain.unavailable import Unavailable

_FIRST_WITHIN_S = 10.0
_AGAIN_AFTER_S = 1.0
_STOP_WITHIN_S = 5.0

Opened = TypeVar("Opened")

log = structlog.get_logger()


class Opening(Generic[Opened]):
    """Opens `parts` in a thread, which raises Unavailable with a sentence for whoever runs the service."""

    def __init__(self, parts: Callable[[], AbstractContextManager[Opened]]) -> None:
        self._parts = parts
        self._opened: Opened | None = None
        self._tried = threading.Event()
        self._ending = threading.Event()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Keep the parts open, or try to, while the block runs. It begins when it is known which of the two."""
        thread = threading.Thread(target=self._run, name="opening", daemon=True)
        thread.start()
        self._tried.wait(_FIRST_WITHIN_S)
        try:
            yield
        finally:
            self._ending.set()
            thread.join(_STOP_WITHIN_S)

    def opened(self) -> Opened:
        """Return what was opened. Raises Unavailable until then."""
        if self._opened is None:
            raise Unavailable("the service is starting, and waits for its database or its storage")
        return self._opened

    def _run(self) -> None:
        told = ""
        while not self._ending.is_set():
            try:
                with self._parts() as self._opened:
                    log.info("the database and the storage answer")
                    self._tried.set()
                    self._ending.wait()
            except Unavailable as error:
                if str(error) != told:
                    log.warning(f"{error}; it is tried again every second")
                told = str(error)
            except Exception:
                log.exception("the start failed; it is tried again every second")
            self._tried.set()
            self._ending.wait(_AGAIN_AFTER_S)
