"""Input: what a tenant may write into a field. All faults of one input come back at once, each with its path."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from typing import Any

import regex

from app.domain.message import Message, say
from app.domain.problems import Fault, InvalidInput, Unanswerable

MIN_SIZE_GB = 10
MAX_SIZE_GB = 1000
MAX_DESCRIPTION = 100
_NAME = re.compile(r"[A-Za-z0-9-]{3,20}")
_KEY = re.compile(r"[\x20-\x7e]{1,64}")
_MAX_LABEL = 255
_MAX_REASON = 500


class Input:
    """Collects the faults of one input; `done` raises them together."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def done(self) -> None:
        """Raise InvalidInput if any field had a fault."""
        if self._faults:
            raise InvalidInput(self._faults)

    def fault(self, field: str, message: Message) -> None:
        """Note one fault."""
        self._faults.append(Fault((field,), message))

    def name(self, field: str, value: str) -> None:
        """3 to 20 bytes of A-Z a-z 0-9 and '-'."""
        if not _NAME.fullmatch(value):
            self.fault(field, say("a name has 3 to 20 bytes, of A-Z, a-z, 0-9 and '-' only"))

    def description(self, field: str, value: str) -> None:
        """At most 100 characters as a person counts them; no control characters but newline and tab."""
        length = len(regex.findall(r"\X", value))
        if length > MAX_DESCRIPTION:
            self.fault(
                field,
                say(
                    "a description has at most {limit} characters; this has {length}",
                    limit=MAX_DESCRIPTION,
                    length=length,
                ),
            )
        if _has_control_characters(value):
            self.fault(field, say("a description has no control characters but newline and tab"))

    def changes(self, given: Mapping[str, Any]) -> None:
        """What an update gives: null is no value, since leaving a field out is how to keep it as it is."""
        rules = {"name": self.name, "description": self.description}
        for field, value in given.items():
            if value is None:
                self.fault(field, say("null is no value here; leave the field out to keep it as it is"))
            elif field in rules:
                rules[field](field, value)

    def size_gb(self, field: str, value: int) -> None:
        """Whole GB, 10 to 1000."""
        if not MIN_SIZE_GB <= value <= MAX_SIZE_GB:
            self.fault(
                field,
                say("a size is {least} to {most} GB; {value} is not", least=MIN_SIZE_GB, most=MAX_SIZE_GB, value=value),
            )

    def new_size_gb(self, field: str, value: int, now_gb: int) -> None:
        """Greater than the size now, at most 1000."""
        if not now_gb < value <= MAX_SIZE_GB:
            self.fault(
                field,
                say(
                    "a new size is greater than {now} GB and at most {most} GB; {value} is not",
                    now=now_gb,
                    most=MAX_SIZE_GB,
                    value=value,
                ),
            )

    def number(self, field: str, value: int, least: int, most: int) -> None:
        """From `least` to `most`."""
        if not least <= value <= most:
            self.fault(
                field, say("this is from {least} to {most}; {value} is not", least=least, most=most, value=value)
            )

    def product(self, field: str, value: str, products: Collection[str]) -> None:
        """One of the products on offer."""
        if value not in products:
            self.fault(field, say("the products are {products}", products=", ".join(products)))

    def idempotency_key(self, field: str, value: str | None) -> None:
        """1 to 64 printable ASCII characters."""
        if value is not None and not _KEY.fullmatch(value):
            self.fault(field, say("an idempotency key has 1 to 64 printable ASCII characters"))

    def label(self, field: str, value: str | None) -> None:
        """A server's id, its name or a device: 1 to 255 characters without control characters."""
        if value is not None and (not 1 <= len(value) <= _MAX_LABEL or _has_control_characters(value, allowed="")):
            self.fault(field, say("this has 1 to 255 characters and no control characters"))

    def reason(self, field: str, value: str) -> None:
        """Why an administrator did it: 1 to 500 characters, not blank."""
        if not value.strip() or len(value) > _MAX_REASON or _has_control_characters(value):
            self.fault(field, say("a reason has 1 to 500 characters and no control characters but newline and tab"))


def searchable(text: str | None) -> str | None:
    """Return the text to search for; Unanswerable (INVALID_FILTER) if no name or description could hold it."""
    if text is not None and (len(text) > MAX_DESCRIPTION or _has_control_characters(text)):
        raise Unanswerable(
            "INVALID_FILTER",
            "search",
            say("`search` has at most {most} characters, none of control", most=MAX_DESCRIPTION),
        )
    return text


def _has_control_characters(value: str, allowed: str = "\n\t") -> bool:
    """Lone surrogates count too: no storage and no wire can carry them."""
    return any(unicodedata.category(char) in ("Cc", "Cs") and char not in allowed for char in value)
