"""Starting: what is made at the start stays, and to look for garbage among it takes a fifth of the time."""

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def starting() -> Iterator[None]:
    """Look for no garbage while the block runs."""
    looked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looked:
            gc.enable()


def stays() -> None:
    """Never look for garbage among what is there now: to look through all of it again and again takes a fifth, too."""
    gc.freeze()
