"""Allowances: one for each caller of a tenant, so that no caller is in another's way."""

import math
from collections import OrderedDict

from app.domain.allowance import Allowance
from app.domain.caller import Caller

_MOST_CALLERS = 10_000


class Overdrawn(Exception):
    """The caller has spent more than it may; nothing was done. `wait_s` is how long to wait, in whole seconds."""

    def __init__(self, wait_s: float) -> None:
        self.wait_s = math.ceil(wait_s)
        super().__init__(f"too much was asked for in too short a time; wait {self.wait_s} s")


class Allowances:
    """`most` points for each caller, of which `per_second` come back; no limit at all if that is 0.

    Who was away the longest is forgotten first: by then all has come back.
    """

    def __init__(self, most: int, per_second: float) -> None:
        self._most = most
        self._per_second = per_second
        self._of: OrderedDict[tuple[str, str], Allowance] = OrderedDict()

    def of(self, caller: Caller) -> Allowance | None:
        """Return what the caller may still spend. Raises Overdrawn."""
        if not self._per_second:
            return None
        allowance = self._of.setdefault((caller.tenant_id, caller.subject), Allowance(self._most, self._per_second))
        self._of.move_to_end((caller.tenant_id, caller.subject))
        if len(self._of) > _MOST_CALLERS:
            self._of.popitem(last=False)
        if allowance.wait_s > 0:
            raise Overdrawn(allowance.wait_s)
        return allowance
