"""A sentence for a person: an English text with places for facts, so that it can be put into another language later."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Message:
    """`text` is also the key into the catalogues of other languages; `facts` are filled in after translation."""

    text: str
    facts: Mapping[str, object]

    def __str__(self) -> str:
        return self.text.format_map(self.facts)


def say(text: str, **facts: object) -> Message:
    """Make a message; the extractor that checks the catalogues looks for calls of this name."""
    return Message(text, facts)
