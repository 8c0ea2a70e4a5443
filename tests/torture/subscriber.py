"""A subscriber that will not be shaken off: cut off from one replica, it goes on at the next, after its last cursor."""

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
from websockets.exceptions import WebSocketException

from app.testing.stream import StreamEnded
from tests.client import Client, Declined
from tests.torture.door import TRY_AGAIN_AFTER_S, Door

CHANGES = ("CREATED", "CHANGED", "DELETED")


class Subscriber:
    """Follows a tenant's volumes or snapshots from a cursor on, over event streams or WebSockets.

    `told` are the cursors of the changes that it was told, `at` is where it stands, `opened` is how often it came.
    """

    def __init__(self, door: Door, field: str, at: str, *, over_events: bool) -> None:
        self.told: list[str] = []
        self.opened = 0
        self.at = at
        self._door, self._over_events = door, over_events
        self._query = f"subscription($after: String) {{ it: {field}(after: $after) {{ kind cursor }} }}"
        self._stopping = threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._follow, name=f"{field}", daemon=True)
        self._thread.start()

    def leave(self) -> None:
        """Take leave at the next message."""
        self._stopping.set()

    def stop(self) -> None:
        """Wait until it has left. Raises what went wrong."""
        self._thread.join()
        if self._failure:
            raise self._failure

    def _follow(self) -> None:
        try:
            while not self._stopping.is_set():
                with suppress(httpx.TransportError, WebSocketException, OSError, Away):
                    self._listen(self._door.next())
                self._stopping.wait(TRY_AGAIN_AFTER_S)
        except Exception as failure:  # noqa: BLE001  told to who waits for the thread
            self._failure = failure

    def _listen(self, client: Client) -> None:
        for n, message in enumerate(self._messages(client)):
            self.opened += n == 0
            self.at = message["cursor"]
            if message["kind"] in CHANGES:
                self.told.append(message["cursor"])
            if self._stopping.is_set():
                return

    def _messages(self, client: Client) -> Iterator[dict[str, Any]]:
        if self._over_events:
            try:
                with client.event_stream(self._query, after=self.at) as events:
                    for event in events:
                        if event.name == "next":
                            _must_be_away(event.data.get("errors", []))
                            yield event.data["data"]["it"]
            except Declined as declined:
                _must_be_away(json.loads(declined.args[0])["errors"])
        else:
            try:
                with client.watching(self._query, after=self.at) as messages:
                    for message in messages:
                        yield message["it"]
            except StreamEnded as ended:
                _must_be_away(ended.args[0])


class Away(Exception):
    """The database is away."""


def _must_be_away(errors: list[dict[str, Any]]) -> None:
    """Raise Away if there are errors; none may tell of anything else."""
    assert {error["extensions"]["code"] for error in errors} <= {"UNAVAILABLE"}, errors
    if errors:
        raise Away
