"""Scale: how much is measured, and for how long."""

from collections.abc import Sequence
from dataclasses import dataclass

CHANGES_PER_SECOND = 20


@dataclass(frozen=True)
class Scale:
    """Seconds are of one measurement of one contender; there are as many of each as rounds."""

    rounds: int = 3
    seconds: float = 2.0
    warm_up: float = 0.5
    clients: int = 8
    tenants: int = 10
    snapshots: int = 10_000
    loads: Sequence[int] = (1, 4, 16, 64)
    creations: int = 100
    subscribers: int = 500
    changes: int = 100
    idle: int = 1000
    growth: Sequence[int] = (1_000, 10_000, 100_000, 1_000_000)
    repeats: int = 40
    copied_mib: int = 1024


FULL = Scale()
QUICK = Scale(
    rounds=1,
    seconds=0.4,
    warm_up=0.2,
    tenants=1,
    loads=(1, 8, 32),
    creations=20,
    subscribers=100,
    changes=20,
    idle=100,
    growth=(1_000, 20_000),
    repeats=10,
    copied_mib=128,
)
SMOKE = Scale(
    rounds=1,
    seconds=0.0,
    warm_up=0.0,
    clients=2,
    tenants=1,
    snapshots=200,
    loads=(1,),
    creations=1,
    subscribers=3,
    changes=1,
    idle=3,
    growth=(100, 200),
    repeats=1,
    copied_mib=16,
)
"""Enough to have every answer looked at, and too little to say anything of time."""
