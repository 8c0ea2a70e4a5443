"""Receipt: what came of an operation, for those who count it and those who might keep its answer."""

from dataclasses import dataclass


@dataclass
class Receipt:
    """`name` and `cost` are what metrics and the caller's allowance were told of it.

    `lasting`: whether the answer is a matter of the tenant's rows alone. It says no until a query is run, and whoever
    answers from something else, such as the clock, says no again.
    """

    name: str = ""
    cost: int = 0
    lasting: bool = False
