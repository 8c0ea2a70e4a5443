"""schemathesis writes operations by what the schema says; whatever comes back, the service is not at fault."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import settings
from schemathesis import Case, CheckContext, Response

from tests.client import PRINTED, Client

ARGUMENTS = {"INVALID_CURSOR", "INVALID_PAGE", "INVALID_FILTER"}
"""What no schema can say of an argument: such a list is null, and its error says which argument it was."""

operations = schemathesis.graphql.from_path(PRINTED)


@pytest.fixture(scope="module")
def tester(service: str) -> Iterator[Client]:
    """An administrator of a tenant that has a volume and a snapshot of it."""
    with Client(service, "schemathesis", roles=["administrator"]) as client:
        client.snapshot(client.volume()["id"])
        yield client


def no_fault_of_the_service(_: CheckContext, response: Response, __: Case[Any]) -> None:
    """Fail where the service broke. An error with a path arose in running: an argument alone may cause it."""
    assert response.status_code < 500
    errors = response.json().get("errors", [])
    assert {error["extensions"]["code"] for error in errors if "path" in error} <= ARGUMENTS, errors


@operations.parametrize()
@settings(max_examples=25, deadline=None)
def test_an_operation_that_the_schema_allows_meets_no_fault_of_the_service(case: Case[Any], tester: Client) -> None:
    response = case.call(base_url=f"{tester.address}/graphql", headers={"Authorization": tester.authorization})

    case.validate_response(response, checks=[no_fault_of_the_service])
