"""Raised: what a call refused, as a value to look at."""

from collections.abc import Callable
from typing import TypeVar

Error = TypeVar("Error", bound=Exception)


def raised(kind: type[Error], call: Callable[[], object]) -> Error | None:
    """Return the error of that kind that the call raised; None if it raised none."""
    try:
        call()
    except kind as error:
        return error
    return None
