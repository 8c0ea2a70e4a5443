"""Lifecycle: a state machine as data, printed from the table that the code enforces."""

from typing import Annotated, Any

import strawberry

from app.api.locale import Locale
from app.domain import lifecycle as domain

InLocale = Annotated[Locale | None, strawberry.argument(description="In which language.")]


@strawberry.type(description="A status and what it says.")
class LifecycleStatus:
    status: str = strawberry.field(description="The status.")
    transitional: bool = strawberry.field(description="Whether work is owed in it: it will pass by itself.")
    meaning: strawberry.Private[domain.Meaning]

    @strawberry.field(description="What it is called.")
    def label(self, locale: InLocale = Locale.EN) -> str:
        return (locale or Locale.EN).say(self.meaning.label)

    @strawberry.field(description="What it says of the object.")
    def description(self, locale: InLocale = Locale.EN) -> str:
        return (locale or Locale.EN).say(self.meaning.description)


@strawberry.type(description="A way from one status to another.")
class LifecycleTransition:
    source: str | None = strawberry.field(name="from", description="The status before; null: it comes to be.")
    target: str | None = strawberry.field(name="to", description="The status after; null: it is gone.")
    by: str = strawberry.field(
        description="What does it: a mutation by its name, or `storage: done`, `storage: refused`, `storage: lost`, "
        "`doctor: mend`."
    )


@strawberry.type(description="A state machine.")
class Lifecycle:
    statuses: list[LifecycleStatus] = strawberry.field(description="Its statuses.")
    transitions: list[LifecycleTransition] = strawberry.field(description="The ways between them.")

    @classmethod
    def of(cls, table: domain.Lifecycle[Any]) -> "Lifecycle":
        return cls(
            statuses=[
                LifecycleStatus(status=status, transitional=meaning.transitional, meaning=meaning)
                for status, meaning in table.meanings.items()
            ],
            transitions=[LifecycleTransition(source=arrow.source, target=arrow.target, by=arrow.by) for arrow in table],
        )
