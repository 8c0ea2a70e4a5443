"""Locale: puts messages into the language that the caller reads. English is the language of the code."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache, lru_cache
from operator import itemgetter
from pathlib import Path

from babel.messages.pofile import read_po

from app.domain.message import Message


class Locale(StrEnum):
    """The languages in which messages and labels come."""

    EN = "EN"
    KO = "KO"

    @classmethod
    @lru_cache(256)
    def preferred(cls, accept_language: str) -> "Locale":
        """Choose by an `Accept-Language` header; English where it names nothing that is spoken here."""
        wanted = sorted(map(_weighed, accept_language.split(",")), key=itemgetter(0), reverse=True)
        spoken = (cls[tag] for weight, tag in wanted if weight > 0 and tag in cls.__members__)
        return next(spoken, cls.EN)

    def say(self, message: Message) -> str:
        """Put a message into this language; facts that are messages themselves too."""
        facts = {name: self.say(fact) if isinstance(fact, Message) else fact for name, fact in message.facts.items()}
        text = message.text if self is Locale.EN else _catalogue(self).get(message.text, message.text)
        return text.format_map(facts)


def _weighed(choice: str) -> tuple[float, str]:
    tag, _, weight = choice.partition(";")
    try:
        value = float(weight.strip().removeprefix("q=") or 1)
    except ValueError:
        value = 0.0
    return value if 0 < value <= 1 else 0.0, tag.strip().split("-")[0].upper()


@cache
def _catalogue(locale: Locale) -> Mapping[str, str]:
    with Path(__file__).with_name(f"{locale.lower()}.po").open("rb") as file:
        return {str(entry.id): str(entry.string) for entry in read_po(file) if entry.id and entry.string}
