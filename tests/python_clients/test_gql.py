"""Python's gql: a schema read from the service, variables, problems by their type, and the way back into a stream."""

from typing import Any

import pytest
from gql import Client as GqlClient
from gql import GraphQLRequest
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportConnectionFailed, TransportQueryError
from gql.transport.websockets import WebsocketsTransport
from graphql import GraphQLError, lexicographic_sort_schema, print_schema

from tests.client import Client, printed_schema

pytestmark = pytest.mark.anyio

CREATE = """mutation($input: CreateVolumeInput!) { createVolume(input: $input) {
  __typename
  ... on VolumePayload { volume { id name status } }
  ... on InvalidInput { code fields { path } }
} }"""
WATCH = """subscription($id: ID!, $after: String) { volumeChanges(volumeId: $id, after: $after) {
  kind cursor volume { name } } }"""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def gql(client: Client) -> GqlClient:
    """gql over HTTP, which reads the schema first and validates by it."""
    headers = {"Authorization": client.authorization}
    transport = AIOHTTPTransport(f"{client.address}/graphql", headers=headers)
    whole = {"specified_by_url": True, "input_value_deprecation": True}
    return GqlClient(transport=transport, fetch_schema_from_transport=True, introspection_args=whole)


@pytest.fixture
async def socket(client: Client) -> WebsocketsTransport:
    """gql's own WebSocket."""
    address = client.address.replace("http", "ws", 1)
    return WebsocketsTransport(f"{address}/graphql", init_payload={"Authorization": client.authorization})


async def test_the_schema_that_it_reads_is_the_one_in_the_repository(
    gql: GqlClient,
) -> None:
    async with gql as session:
        assert session.client.schema is not None
        read, printed = map(lexicographic_sort_schema, (session.client.schema, printed_schema()))
        assert print_schema(read) == print_schema(printed)


async def test_a_wrong_document_is_refused_before_it_is_sent(gql: GqlClient) -> None:
    async with gql as session:
        with pytest.raises(GraphQLError, match="Cannot query field 'nothing' on type 'Viewer'"):
            await session.execute(GraphQLRequest("{ viewer { nothing } }"))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"name": "from-gql", "sizeGb": 10}, {"__typename": "VolumePayload"}),
        ({"name": "no", "sizeGb": 1}, {"__typename": "InvalidInput", "code": "INVALID_INPUT"}),
    ],
)
async def test_variables_go_out_and_a_payload_or_a_problem_comes_back_by_its_type(
    gql: GqlClient, given: dict[str, Any], told: dict[str, str]
) -> None:
    async with gql as session:
        variables = {"input": {**given, "product": "SSD"}}
        result = (await session.execute(GraphQLRequest(CREATE, variable_values=variables)))["createVolume"]

    assert result.items() >= told.items()
    if told["__typename"] == "InvalidInput":
        assert [field["path"] for field in result["fields"]] == [["name"], ["sizeGb"]]


async def test_an_error_is_raised_with_the_code_that_the_service_gave_it(gql: GqlClient) -> None:
    async with gql as session:
        with pytest.raises(TransportQueryError) as raised:
            await session.execute(GraphQLRequest('{ volumes(after: "nonsense") { totalCount } }'))

    assert raised.value.errors is not None
    assert raised.value.errors[0]["extensions"] == {"code": "INVALID_CURSOR", "argument": "after"}


async def test_a_stream_whose_connection_was_cut_goes_on_behind_its_last_cursor(
    client: Client, socket: WebsocketsTransport
) -> None:
    volume = client.volume("first")
    seen: list[dict[str, Any]] = []

    async def watch(count: int, after: str | None = None) -> None:
        """Watch until so many changes were told; then lose the connection, as by a network that is gone."""
        variables = {"id": volume["id"], "after": after}
        async with GqlClient(transport=socket) as session:
            async for message in session.subscribe(GraphQLRequest(WATCH, variable_values=variables)):
                seen.extend(it for it in message.values() if it["kind"] != "BOOKMARK")
                if len(seen) == count and socket.adapter.websocket is not None:
                    socket.adapter.websocket.transport.abort()

    with pytest.raises(TransportConnectionFailed):
        await watch(1)
    for name in ("second", "third"):
        client.do("updateVolume", id=volume["id"], name=name)
    with pytest.raises(TransportConnectionFailed):
        await watch(3, after=seen[0]["cursor"])

    assert [change["kind"] for change in seen] == ["CURRENT", "CHANGED", "CHANGED"]
    assert seen[-1]["volume"] == {"name": "third"}
