"""Answers: what came back over HTTP, read as a test reads it."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import httpx

WAIT_S = 20.0
"""How long a test waits for what must come."""


class Unexpected(AssertionError):
    """The service answered with an error where a test expects none."""


def answered(response: "httpx.Response") -> dict[str, Any]:
    """Return the whole answer, errors and all."""
    if response.status_code != HTTPStatus.OK:
        raise Unexpected(f"{response.status_code}: {response.text}")
    return cast(dict[str, Any], response.json())


def data(answer: dict[str, Any]) -> Any:
    """Return the data of an answer that has no errors."""
    if "errors" in answer:
        raise Unexpected(answer["errors"])
    return answer["data"]


def results(data: dict[str, Any]) -> list[Any]:
    """Return what several mutations came to, in order."""
    return [data[f"r{n}"] for n in range(len(data))]


def made(result: dict[str, Any], kind: str) -> str:
    """Return the id of what a mutation made."""
    if kind not in result:
        raise Unexpected(result)
    return str(result[kind]["id"])


def obeyed(data: dict[str, Any]) -> Any:
    """Return what an order to the sandbox came to. One that cannot be obeyed is a mistake of the test."""
    result = data["sandbox"]["it"]
    if "code" in result:
        raise Unexpected(result)
    return result


def http_settings(address: str, authorization: str, language: str) -> dict[str, Any]:
    """Return what a client of HTTP is made with. On loopback nothing is encrypted, and no certificate is looked for."""
    headers = {"Authorization": authorization, "Accept-Language": language}
    return {"base_url": address, "headers": headers, "timeout": WAIT_S, "verify": False}
