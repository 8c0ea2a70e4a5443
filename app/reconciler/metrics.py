"""Metrics: what the workers of this process did, as series for Prometheus.

    driver_call_seconds{verb, outcome}   a histogram; its _count is how many calls there were
    owed_retries_total{kind, status}     steps put off, for nobody knows whether they happened
    leases_lost_total                    steps that changed nothing, for somebody else had the row

A call's outcome is `done`, `refused`, `missing`, `unsure` or `not yet`, as the driver promises; `stopped` if the
worker itself broke it off; `died` if a sandbox let the worker die; `failed` if it raised what no driver should: a bug.
"""

import time
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

from prometheus_client import Counter, Histogram

from app.drivers.contract import Died, Driver, Missing, NotYet, Refused, Unsure

CALL_SECONDS = Histogram(
    "driver_call_seconds",
    "How long the storage took for a call of the workers, in seconds.",
    ["verb", "outcome"],
    buckets=(0.001, 0.01, 0.1, 1, 10, 60, 600, 3600),  # from a look at one file to a copy of many terabytes
)
RETRIES = Counter("owed_retries", "Owed steps whose outcome is unknown, put off to be tried again.", ["kind", "status"])
LEASES_LOST = Counter("leases_lost", "Owed steps that changed nothing, for the row had passed to somebody else.")

_OUTCOMES: tuple[tuple[type[BaseException], str], ...] = (
    (Missing, "missing"),
    (Refused, "refused"),
    (Unsure, "unsure"),
    (NotYet, "not yet"),
    (Died, "died"),
)


def measured(driver: Driver, *stops: type[Exception]) -> Driver:
    """Return the driver with each of its calls timed. `stops` are what a worker's own report raises to end a call."""
    outcomes = (*_OUTCOMES, *((stop, "stopped") for stop in stops))

    def call(verb: str, *args: Any, **kwargs: Any) -> Any:
        started, outcome = time.monotonic(), "failed"
        try:
            result = getattr(driver, verb)(*args, **kwargs)
            outcome = "done"
        except BaseException as error:
            outcome = next((name for kind, name in outcomes if isinstance(error, kind)), outcome)
            raise
        finally:
            CALL_SECONDS.labels(verb, outcome).observe(time.monotonic() - started)
        return result

    verbs = (name for name in vars(Driver) if not name.startswith("_"))
    return cast(Driver, SimpleNamespace(**{verb: partial(call, verb) for verb in verbs}))
