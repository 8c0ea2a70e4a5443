"""Warning: something that a caller should know though it was done, or may be done."""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.message import Message, say


class WarningCode(StrEnum):
    """What a caller should know."""

    VOLUME_ATTACHED = "VOLUME_ATTACHED"
    SNAPSHOTS_EXIST = "SNAPSHOTS_EXIST"


@dataclass(frozen=True)
class Warning:
    """A code for programs and a sentence for people."""

    code: WarningCode

    @property
    def message(self) -> Message:
        """The sentence of the user guide."""
        return _SENTENCES[self.code]


_SENTENCES = {
    WarningCode.VOLUME_ATTACHED: say(
        "the volume is attached to a server: parts of the data in a snapshot cut now may be damaged"
    ),
    WarningCode.SNAPSHOTS_EXIST: say(
        "the volume has snapshots: they keep the size that they were cut with, and stay whole"
    ),
}
