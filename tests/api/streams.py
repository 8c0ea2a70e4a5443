"""What the tests about streams share: the subscriptions, and ways to read on in them."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

VOLUMES = """subscription($after: String, $volumeId: ID) { it: volumeChanges(after: $after, volumeId: $volumeId) {
  kind cursor volumeId volume { id name status } previousStatus status at } }"""
SNAPSHOTS = """subscription($after: String, $snapshotId: ID, $volumeId: ID) {
  it: snapshotChanges(after: $after, snapshotId: $snapshotId, volumeId: $volumeId) {
    kind cursor snapshotId snapshot { id name status volume { id name } } previousStatus status at } }"""
Messages = Iterator[dict[str, Any]]


def opening(messages: Messages) -> list[dict[str, Any]]:
    """Read what there is, up to the first bookmark and without it."""
    told: list[dict[str, Any]] = []
    for message in messages:
        if message["it"]["kind"] == "BOOKMARK":
            return told
        told.append(message["it"])
    raise AssertionError(f"the stream ended without a bookmark; it told {told}")


def changes(messages: Messages, count: int) -> list[dict[str, Any]]:
    """Read so many changes, whatever bookmarks come between them."""
    told = (message["it"] for message in messages)
    return list(islice((it for it in told if it["kind"] != "BOOKMARK"), count))


def bookmark(messages: Messages) -> str:
    """Read up to the next bookmark, with nothing before it; return its cursor."""
    told = next(messages)["it"]
    assert told["kind"] == "BOOKMARK", told
    return str(told["cursor"])
