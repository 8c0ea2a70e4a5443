"""Once: the same idempotency key with the same input is done once, however often it is sent."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from app.domain.idempotency import digest_of
from app.domain.problems import NotFound
from app.domain.record import Record
from app.domain.snapshot import Snapshot
from app.domain.volume import Volume
from app.domain.warning import Warning, WarningCode
from app.store.unit_of_work import UnitOfWork

Made = tuple[Sequence[Record], list[Warning]]


def once(work: UnitOfWork, key: str | None, verb: str, given: Mapping[str, object], make: Callable[[], Made]) -> Made:
    """Make it, or answer with what the same key made first, as it is now or, if it is gone, as it was made.

    Raises Refused (IDEMPOTENCY_KEY_REUSED) if the key was used for another verb or input.
    """
    if key is None:
        return make()
    digest = digest_of(verb, given)
    kept = work.keys.find(key)
    if kept is not None:
        kept.must_be_for(digest)
        return _recalled(work, json.loads(kept.answer))
    records, warnings = make()
    answer = {
        "records": [_written(record) for record in records],
        "warnings": [warning.code for warning in warnings],
    }
    work.keys.add(key, digest, json.dumps(answer))
    return records, warnings


def _recalled(work: UnitOfWork, answer: Mapping[str, Any]) -> Made:
    records = [_now_or_then(work, row) for row in answer["records"]]
    return records, [Warning(WarningCode(code)) for code in answer["warnings"]]


def _now_or_then(work: UnitOfWork, row: Mapping[str, Any]) -> Record:
    id_ = str(row["id"])
    if Volume.is_id(id_):
        return work.volumes.find([id_]).get(id_) or Volume.model_validate(row)
    return work.snapshots.find([id_]).get(id_) or _snapshot_as_it_was(work, row)


def _snapshot_as_it_was(work: UnitOfWork, row: Mapping[str, Any]) -> Snapshot:
    snapshot = Snapshot.model_validate(row)
    if "volume" not in row:
        raise NotFound(snapshot.id)  # written by a version that left the volume out; keys live for a day
    snapshot.cut_from(cast(Volume, _now_or_then(work, row["volume"])))
    return snapshot


def _written(record: Record) -> dict[str, Any]:
    """Write an object, and a snapshot with its volume, without which it cannot be shown."""
    row = record.model_dump(mode="json", warnings=False)
    if isinstance(record, Snapshot) and record.volume is not None:
        row["volume"] = _written(record.volume)
    return row
