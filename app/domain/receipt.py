"""Receipt: what came of an operation, for those who count it and those who might keep its answer."""

from dataclasses import dataclass


@dataclass
class Receipt:
    """`name` and `cost` are what metrics and the caller's allowance were told of it.

    `fleeting`: whoever answers from anything but the tenant's rows, such as the clock, says so. `lasting`: whether the
    whole answer, once there, is a matter of those rows alone.
    """

    name: str = ""
    cost: int = 0
    fleeting: bool = False
    lasting: bool = False
