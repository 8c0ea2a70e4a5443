"""Warning: something that a caller should know though it was done, or may be done."""

from collections.abc import Sequence

import strawberry

from app.api.enums import WarningCode
from app.api.locale import Locale
from app.domain import warning as domain


@strawberry.type(description="Something that a caller should know though it was done, or may be done.")
class Warning:
    code: WarningCode = strawberry.field(description="What it is about; stable, for programs.")
    message: str = strawberry.field(description="The sentence of the user guide, in the caller's language.")

    @classmethod
    def all_of(cls, warnings: Sequence[domain.Warning], locale: Locale) -> "list[Warning]":
        return [cls(code=warning.code, message=locale.say(warning.message)) for warning in warnings]
