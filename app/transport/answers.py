"""Answers: what a query told holds until something of its tenant changes, and is kept for those who ask it again.

An answer is a matter of who asks, for what, in which languages and form, and of the tenant's rows; each commit that a
tenant could see raises its revision. So an answer is kept by where the tenant stood when it was asked for, and told
again only after the database has said that it stands there still: it is exact, and no clock is asked.
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Iterator
from typing import NamedTuple

from graphql import ExecutionResult
from prometheus_client import Counter, Gauge
from starlette.requests import Request
from starlette.responses import Response
from strawberry.extensions import SchemaExtension
from strawberry.types.graphql import OperationType

from app.domain.caller import Caller
from app.domain.receipt import Receipt
from app.transport.envelope import Envelope
from app.transport.metrics import count

Standing = Callable[[Caller], Awaitable[Hashable | None]]
"""Tells where a caller's tenant stands; None if that cannot be said."""

_NOTICED = 10_000
_OVERHEAD = 2_000  # bytes that a kept answer takes beside its texts, about
_ONCE = {"Cache-Control": "private, no-cache", "Vary": "Accept, Accept-Language, Authorization"}

AGAIN = Counter("graphql_answers_again", "Answers over HTTP that were told again, for nothing had changed.")
TAKEN = Gauge("graphql_answers_kept_bytes", "About what the answers take that are kept.")


class Question(NamedTuple):
    """All that an answer depends on beside the rows."""

    tenant_id: str
    subject: str
    name: str
    roles: frozenset[str]
    languages: str
    media: str
    method: str
    asked: bytes

    @classmethod
    async def of(cls, request: Request, caller: Caller) -> "Question":
        """Read a request to its end."""
        asked = await request.body() if request.method == "POST" else request.scope["query_string"]
        how = request.headers.get("accept-language", ""), request.state.media, request.method
        return cls(caller.tenant_id, caller.subject, caller.name, caller.roles, *how, asked)


class Answer(NamedTuple):
    """What was told while the tenant stood there, and what came of it."""

    standing: Hashable
    response: Response
    receipt: Receipt


class Answers:
    """The answers told last, of so many bytes in all; 0: none.

    What is asked but once, as most pages and objects are, is not worth its room: an answer is kept the second time.
    """

    def __init__(self, standing: Standing, most_bytes: int) -> None:
        self._standing = standing
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[Question, Answer] = OrderedDict()
        self._noticed: OrderedDict[int, None] = OrderedDict()

    async def tell(self, question: Question, envelope: Envelope, ask: Callable[[], Awaitable[Response]]) -> Response:
        """Return the answer that is kept, or else `ask`. Either costs the caller the same."""
        if not self._most_bytes or not self._came_before(question):
            return await ask()
        started = time.perf_counter()
        standing = await self._standing(envelope.caller)
        kept = self._kept.get(question)
        if kept is not None and kept.standing == standing:
            self._kept.move_to_end(question)
            envelope.spend(kept.receipt.cost)
            count(kept.receipt.name, "query", "OK", time.perf_counter() - started)
            AGAIN.inc()
            envelope.receipt.lasting = True
            return kept.response
        response = await ask()
        if envelope.receipt.lasting and standing is not None:
            self._keep(question, Answer(standing, response, envelope.receipt))
        return response

    def _came_before(self, question: Question) -> bool:
        if question in self._kept:
            return True
        number = hash(question)
        came = number in self._noticed
        self._noticed[number] = None
        if len(self._noticed) > _NOTICED:
            self._noticed.popitem(last=False)
        return came

    def _keep(self, question: Question, answer: Answer) -> None:
        self._forget(question)
        self._kept[question] = answer
        self._bytes += _size(question, answer)
        while self._bytes > self._most_bytes:
            self._forget(next(iter(self._kept)))
        TAKEN.set(self._bytes)

    def _forget(self, question: Question) -> None:
        answer = self._kept.pop(question, None)
        if answer is not None:
            self._bytes -= _size(question, answer)


class Lasting(SchemaExtension):
    """Notes of a query that it was answered, without an error and from rows alone."""

    def on_execute(self) -> Iterator[None]:
        """Note it on the receipt; who is stopped by the clock never comes to that."""
        yield
        context = self.execution_context
        receipt: Receipt = context.context.receipt
        answered = isinstance(context.result, ExecutionResult) and not context.result.errors
        receipt.lasting = answered and context.operation_type is OperationType.QUERY and not receipt.fleeting


def once(request: Request, response: Response) -> Response:
    """Let a client that has the answer already, by its ETag, be told no more than that."""
    tag = response.headers.get("etag")
    if tag is None:
        tag = f'"{hashlib.blake2b(response.body, digest_size=12).hexdigest()}"'
        response.headers.update({"ETag": tag, **_ONCE})
    known = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    return Response(status_code=304, headers={"ETag": tag, **_ONCE}) if tag in known else response


def _size(question: Question, answer: Answer) -> int:
    who = question.subject, question.name, question.languages
    return sum(map(len, who)) + len(question.asked) + len(answer.response.body) + _OVERHEAD
