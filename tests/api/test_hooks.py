"""The hooks of extensions run as strawberry runs them, though each is looked up but once."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
import strawberry
from strawberry.extensions import SchemaExtension

from app.api.schema import schema

Noted = list[str]


def noting(name: str, noted: Noted, *stages: str) -> type[SchemaExtension]:
    """Make an extension that notes when each of those stages begins and ends, and that tells its name."""

    def hook(stage: str) -> Any:
        def run(self: SchemaExtension, *_: Any) -> Iterator[None]:
            noted.append(f"{name} begins {stage}")
            try:
                yield
            except Exception as error:
                noted.append(f"{name} sees {error}")
                raise
            finally:
                noted.append(f"{name} ends {stage}")

        return run

    hooks = {stage: hook(stage) for stage in stages}
    return type(name, (SchemaExtension,), {**hooks, "get_results": lambda _: {name: "was here"}})


class Silent(SchemaExtension):
    """Has no hook at all."""


def told_by(document: str) -> tuple[Noted, Any]:
    """What two extensions noted of an operation, and what it answered."""
    noted: Noted = []
    all_stages = ("on_operation", "on_parse", "on_validate", "on_execute")
    asked = schema(noting("first", noted, *all_stages), Silent, noting("second", noted, *reversed(all_stages)))
    answer = asyncio.run(asked.execute(document))
    return noted, (answer.data, answer.extensions, [str(error) for error in answer.errors or ()])


@pytest.mark.parametrize("document", ["{ __typename }", "{ nothing }", "{", "{ __typename } { __typename }"])
def test_stages_begin_in_order_and_end_in_reverse_as_strawberry_has_it(
    document: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = told_by(document)
    monkeypatch.setattr(type(schema()), "create_extensions_runner", strawberry.Schema.create_extensions_runner)
    assert ours == told_by(document)
    assert ours[0][:2] == ["first begins on_operation", "second begins on_operation"]


def test_an_extension_that_would_wait_where_none_may_is_refused_at_once() -> None:
    async def wait(_: SchemaExtension) -> None: ...

    waiting = type("Waiting", (SchemaExtension,), {"on_parse": wait})
    with pytest.raises(TypeError, match="on_parse"):
        asyncio.run(schema(waiting).execute("{ __typename }"))
