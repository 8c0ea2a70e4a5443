"""Faults: what is planned to befall calls of the storage, and which calls.

Tests of the workers plan for the nth call, tenants for objects of theirs by name or id, and some names tell their fate:

    fail-create-…   the storage refuses to make it
    fail-delete-…   the storage refuses to delete it
    slow-60s-…      to make it and to delete it takes so many seconds, in ten steps
    hold-…          to make it waits until it is let go or has another name

A name is read anew at each call. A call that is held, or slow, uses no other fault up. All is kept in memory.
"""

import re
import secrets
from collections import defaultdict
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from math import inf
from threading import Event, Lock
from typing import NamedTuple, TypeVar

from app.drivers.contract import Died, NotYet, Refused, Unsure

_REFUSED = Refused("the sandbox was told to refuse")
_UNKNOWN = Unsure("the sandbox was told to lose the answer")
_LOOK_AGAIN_IN_S = 0.5
_FOR_EACH_HELD_S = 0.02
_LOOK_AGAIN_WITHIN_S = 60.0
_STEPS = 10
_REMEMBERED = 10_000
_MAKING = ("create_volume", "restore_volume", "create_snapshot")
_DELETING = ("delete_volume", "delete_snapshot")
_SLOW = re.compile(r"slow-([0-9]{1,4})s-")

Value = TypeVar("Value")


class Hold:
    """Keeps a call, and the thread that makes it, waiting. `reached` is set when it has come, `released` lets it go on.

    For tests: what tenants hold keeps no thread.
    """

    def __init__(self) -> None:
        self.reached, self.released = Event(), Event()


Action = BaseException | Hold


class Call(NamedTuple):
    """A verb, and the object that it is about, as far as that is known."""

    verb: str
    id: str | None = None
    tenant_id: str | None = None
    name: str = ""


@dataclass(eq=False)
class Fault:
    """What befalls calls of a verb ("*": of any) before or after they are done; how many it passes over and strikes.

    `tenant_id`: whose calls; None: anybody's. `matching`: a pattern of the object's name, or its id. One that is `over`
    befalls nothing any more.
    """

    verb: str
    before: Action | None = None
    after: Action | None = None
    skips: int = 0
    times: float = 1
    tenant_id: str | None = None
    matching: str = "*"
    id: str = field(default_factory=lambda: f"fault-{secrets.token_hex(6)}")
    over: bool = False

    @property
    def hold(self) -> NotYet | None:
        """What its calls are told if they are to come again for as long as it is planned."""
        return self.before if self.times == inf and isinstance(self.before, NotYet) else None

    def fits(self, call: Call) -> bool:
        """Whether it is meant for such a call."""
        return (
            not self.over
            and self.verb in ("*", call.verb)
            and self.tenant_id in (None, call.tenant_id)
            and (self.matching in ("*", call.id) or fnmatchcase(call.name, self.matching))
        )


_CARDS = (
    *(Fault(verb, NotYet(_LOOK_AGAIN_IN_S), times=inf, matching="hold-*") for verb in _MAKING),
    *(Fault(verb, _REFUSED, times=inf, matching="fail-create-*") for verb in _MAKING),
    *(Fault(verb, _REFUSED, times=inf, matching="fail-delete-*") for verb in _DELETING),
)


class Faults:
    """All that is planned. Any thread may call."""

    def __init__(self) -> None:
        self._planned: list[Fault] = []
        self._let_go: dict[tuple[str, str | None], bool] = {}
        self._steps: dict[tuple[str, str | None], int] = {}
        self._held: defaultdict[str | None, set[tuple[str, str | None]]] = defaultdict(set)
        self._lock = Lock()

    def add(self, fault: Fault) -> str:
        """Plan a fault, after those that are planned already; return its id."""
        with self._lock:
            self._planned.append(fault)
        return fault.id

    def fail(self, tenant_id: str, verb: str, outcome: str, *, times: int, matching: str) -> str:
        """Plan that calls about a tenant's objects end so: REFUSED, UNKNOWN or CRASH."""
        before, after = {"REFUSED": (_REFUSED, None), "UNKNOWN": (None, _UNKNOWN), "CRASH": (None, Died())}[outcome]
        return self.add(Fault(verb, before, after, times=times, tenant_id=tenant_id, matching=matching))

    def hold(self, tenant_id: str, verb: str, *, percent: int | None, matching: str) -> str:
        """Plan that calls about a tenant's objects come so far, and no further until that is released."""
        not_yet = NotYet(_LOOK_AGAIN_IN_S, percent)
        return self.add(Fault(verb, not_yet, times=inf, tenant_id=tenant_id, matching=matching))

    def count(self, tenant_id: str) -> int:
        """Return how many faults and holds of a tenant are planned."""
        with self._lock:
            return sum(fault.tenant_id == tenant_id for fault in self._planned)

    def end(self, tenant_id: str, id_: str) -> bool:
        """Let a fault or a hold befall nothing any more, until it is forgotten; False if there is none such."""
        with self._lock:
            ended = [fault for fault in self._planned if (fault.tenant_id, fault.id) == (tenant_id, id_)]
            for fault in ended:
                fault.over = True
            return bool(ended)

    def forget(self, tenant_id: str, id_: str) -> None:
        """Forget a fault or a hold."""
        with self._lock:
            self._planned = [fault for fault in self._planned if (fault.tenant_id, fault.id) != (tenant_id, id_)]

    def let_go(self, tenant_id: str, verb: str, id_: str, name: str) -> bool:
        """Let one object pass whatever holds it; False if nothing does."""
        call = Call(verb, id_, tenant_id, name)
        with self._lock:
            held = self._holding(call) is not None
            if held:
                _remember(self._let_go, call, True)
            return held

    def reset(self, tenant_id: str) -> None:
        """Forget all of a tenant's faults and holds."""
        with self._lock:
            self._planned = [fault for fault in self._planned if fault.tenant_id != tenant_id]

    def strike(self, call: Call) -> tuple[Action | None, Action | None]:
        """Return what befalls a call before and after it is done.

        Of many faults it is struck by the first, which leaves the others to the calls that follow.
        """
        with self._lock:
            hold = None if call[:2] in self._let_go else self._holding(call)
            pause = self._pause(call, held=hold is not None)
            if hold is not None:
                return NotYet(pause, hold.percent), None
            struck = self._slow(call) or self._next(call)
            return (None, None) if struck is None else (struck.before, struck.after)

    def done(self, call: Call) -> None:
        """Remember no more how far a call came: the next one of that verb about that object begins anew."""
        with self._lock:
            self._let_go.pop(call[:2], None)
            self._steps.pop(call[:2], None)

    def _next(self, call: Call) -> Fault | None:
        struck = None
        for fault in (*_CARDS, *self._planned):
            if fault.hold or not fault.fits(call):
                continue
            if fault.skips:
                fault.skips -= 1
            elif struck is None:
                struck = fault
                fault.times -= 1
        self._planned = [fault for fault in self._planned if fault.times > 0]
        return struck

    def _holding(self, call: Call) -> NotYet | None:
        return next((fault.hold for fault in (*_CARDS, *self._planned) if fault.hold and fault.fits(call)), None)

    def _pause(self, call: Call, *, held: bool) -> float:
        """Note whether a call is held, and return when to come again: the more of a tenant's are held, the later.

        So whoever holds many keeps the workers from nobody else. Who is released while a worker has it in hand is not
        hastened, and waits no longer than that.
        """
        of_tenant = self._held[call.tenant_id]
        if held:
            of_tenant.add(call[:2])
        else:
            of_tenant.discard(call[:2])
        if not of_tenant:
            del self._held[call.tenant_id]
        return min(max(_LOOK_AGAIN_IN_S, _FOR_EACH_HELD_S * len(of_tenant)), _LOOK_AGAIN_WITHIN_S)

    def _slow(self, call: Call) -> Fault | None:
        step, named = self._steps.get(call[:2], 0), _SLOW.match(call.name)
        if named is None or step == _STEPS or call.verb not in (*_MAKING, *_DELETING):
            return None
        _remember(self._steps, call, step + 1)
        return Fault(call.verb, NotYet(int(named[1]) / _STEPS, step * 100 // _STEPS))


def _remember(kept: dict[tuple[str, str | None], Value], call: Call, value: Value) -> None:
    """Keep it until the call is done; should that never be, until much else was kept."""
    kept[call[:2]] = value
    if len(kept) > _REMEMBERED:
        del kept[next(iter(kept))]
