"""The state machine: in each step a tenant asks for some things, and perhaps a fault strikes meanwhile."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import hypothesis
from hypothesis import HealthCheck, Phase, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.torture.house import House
from tests.torture.run import TENANTS, Run, Tally
from tests.torture.tenant import VERBS

_OFTEN = ("create_snapshot", "create_snapshot", "restore_volume", "write", "write", "create_volume")
_WANTED = st.tuples(st.sampled_from([*VERBS, *_OFTEN]), st.integers(0, 63))


class Broken(BaseException):
    """A promise was broken. Hypothesis would try an Exception's steps once more; but processes never do the same."""


def torture(house: House, seed: int, tally: Tally, *, steps: int) -> None:
    """Let one run go through the house; the seed determines everything that can be determined."""
    taken: list[str] = []
    limits = settings(
        max_examples=1,
        stateful_step_count=steps,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(hypothesis.seed(seed)(partial(Machine, house, taken, tally)), settings=limits)  # type: ignore[arg-type]  # a factory will do
    except Broken as broken:
        story = "\n".join(f"  {n}. {step}" for n, step in enumerate(taken, 1))
        told = f"{broken.__cause__}\n{house.complaints()}seed {seed}, {len(taken)} steps:\n{story}"
        raise AssertionError(told) from broken.__cause__


class Machine(RuleBasedStateMachine):
    """The tenants of one house, who ask while faults strike. It writes down the steps that it takes."""

    def __init__(self, house: House, taken: list[str], tally: Tally) -> None:
        super().__init__()
        self._house, self._taken, self._tally = house, taken, tally
        self._run: Run | None = None

    @initialize(seed=st.integers(0, 2**64 - 1))
    def begins(self, seed: int) -> None:
        assume(seed)  # Hypothesis tries the simplest of all runs first, in which nothing happens
        self._taken.append(f"begins with {seed}")
        with self._breaking():
            self._run = Run(self._house, random.Random(seed), self._tally)

    @rule(
        tenant=st.integers(0, TENANTS - 1),
        verbs=st.lists(_WANTED, min_size=4, max_size=10),
        fault=st.none() | st.integers(0, 63),
        which=st.integers(0, 29),
        milliseconds=st.sampled_from([50, 500, 1500, 2500]),  # shorter and longer than a lease
    )
    def asks(self, tenant: int, verbs: list[tuple[str, int]], fault: int | None, which: int, milliseconds: int) -> None:
        assert self._run
        asked = " ".join(f"{verb}:{n}" for verb, n in verbs)
        self._taken.append(f"tenant {tenant} asks {asked}")
        with self._breaking():
            self._run.ask(self._run.tenants[tenant], verbs)
            if fault is not None:
                faults = sorted(self._house.faults)
                self._taken[-1] += f"; {faults[fault % len(faults)]}, {which}, for {milliseconds} ms"
                self._run.struck.by(faults[fault % len(faults)], which, milliseconds / 1000)

    def teardown(self) -> None:
        if self._run:
            with self._breaking():
                self._run.verdict()
            self._run.ends()

    @contextmanager
    def _breaking(self) -> Iterator[None]:
        """Let what breaks a promise leave Hypothesis at once."""
        try:
            yield
        except Exception as error:
            run, self._run = self._run, None
            if run:
                run.ends()
            raise Broken from error
