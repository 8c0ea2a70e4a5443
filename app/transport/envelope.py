"""Envelope: what comes with an operation beside the operation itself."""

from dataclasses import dataclass

from app.domain.allowance import Allowance
from app.domain.caller import Caller


@dataclass(frozen=True)
class Envelope:
    """Who asks, in which languages, what that caller may still spend, and after which message a stream goes on."""

    caller: Caller
    accept_language: str
    allowance: Allowance | None
    resume_after: str | None = None
