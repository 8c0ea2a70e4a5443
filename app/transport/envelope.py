"""Envelope: what comes with an operation beside the operation itself."""

from dataclasses import dataclass, field

from app.domain.allowance import Allowance
from app.domain.caller import Caller
from app.domain.receipt import Receipt


@dataclass(frozen=True)
class Envelope:
    """Who asks, in which languages, what that caller may still spend, and after which message a stream goes on.

    What comes of the operation is written on the receipt.
    """

    caller: Caller
    accept_language: str
    allowance: Allowance | None
    resume_after: str | None = None
    receipt: Receipt = field(default_factory=Receipt)

    def spend(self, points: int) -> None:
        """Take points off what the caller may spend."""
        if self.allowance is not None:
            self.allowance.spend(points)
