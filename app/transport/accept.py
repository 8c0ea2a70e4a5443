"""Accept: which of several media types a client would rather have (RFC 9110, section 12.5.1)."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

_NOT_WANTED = (0.0, 0)


class _Range(NamedTuple):
    """`*/*`, `text/*` or `text/html`, and how much it is wanted, 0 to 1."""

    media: str
    quality: float

    def fits(self, offer: str) -> int:
        """Return how exactly it names the offer: 0 not at all, 3 by its full name."""
        kind = offer.partition("/")[0]
        return {offer: 3, f"{kind}/*": 2, "*/*": 1}.get(self.media, 0)


@lru_cache(256)
def preferred(accept: str, offers: tuple[str, ...]) -> str | None:
    """Return the offer that is wanted most; None if none is. No header wants anything.

    Of equals it is the one that stands first in the header, and of those that one range names together the first offer.
    """
    ranges = [_range(text) for text in accept.split(",") if text.strip()] or [_Range("*/*", 1.0)]
    best = max(offers, key=lambda offer: _wanted(offer, ranges))
    return best if _wanted(best, ranges) > _NOT_WANTED else None


def _wanted(offer: str, ranges: Sequence[_Range]) -> tuple[float, int]:
    """Return how much the offer is wanted, and how early that is said."""
    place, exact = max(enumerate(ranges), key=lambda it: it[1].fits(offer))
    return (exact.quality, -place) if exact.fits(offer) and exact.quality > 0 else _NOT_WANTED


def _range(text: str) -> _Range:
    media, *parameters = (part.strip().lower() for part in text.split(";"))
    quality = next((value[2:] for value in parameters if value.startswith("q=")), "1")
    try:
        return _Range(media, min(1.0, max(0.0, float(quality))))
    except ValueError:
        return _Range(media, 0.0)
