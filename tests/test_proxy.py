"""Behind nginx, as the README sets it up: requests, sockets and event streams pass, and outlive its patience."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import httpx
import pytest

from app.settings import Settings
from app.testing.serving import serving
from tests.client import SECRET, Client
from tests.test_readme import BLOCKS

WATCH = "subscription { it: volumeChanges { kind volume { name } } }"
FRAME = """
daemon off;
pid {folder}/pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    proxy_read_timeout {patience}s;
    {block}
}}
"""
PATIENCE_S = 2
"""Less than nginx has by default, as the bookmarks here come more often: the relation is what counts."""


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Puts the README's proxy before some services; returns its address."""
    if not shutil.which("nginx"):
        say: Callable[[str], None] = pytest.fail if os.environ.get("CI") else pytest.skip
        say("NOT TESTED: there is no nginx here (Debian: nginx-light)")
    with contextlib.ExitStack() as running:
        yield lambda *services: running.enter_context(proxied(tmp_path, *services))


@contextlib.contextmanager
def proxied(folder: Path, *services: str) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (block,) = (text for kind, text in BLOCKS if kind == "nginx")
    for place, service in zip(re.findall(r"127\.0\.0\.1:\d+", block), services, strict=True):
        block = block.replace(place, service.removeprefix("http://"))
    configuration = folder / "nginx.conf"
    block = block.replace("listen 80;", f"listen 127.0.0.1:{port};")
    configuration.write_text(FRAME.format(folder=folder, patience=PATIENCE_S, block=block))
    command = ["nginx", "-c", str(configuration), "-e", "stderr", "-p", str(folder)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            while process.poll() is None:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Those of two services over one folder, whose streams are never silent for long."""
    return Settings(data=tmp_path / "data", jwt_secret=SECRET, bookmark_seconds=PATIENCE_S / 4)


@pytest.fixture
def client(nginx: Callable[..., str], settings: Settings, tenant: str) -> Iterator[Client]:
    """A caller who knows the proxy alone."""
    with serving(settings) as one, serving(settings) as other, Client(nginx(one, other), tenant) as client:
        yield client


def test_what_is_asked_is_answered(client: Client) -> None:
    client.volume(name="abc")
    for _ in range(4):
        assert client.ask("{ volumes { nodes { name } } }") == {"volumes": {"nodes": [{"name": "abc"}]}}


def test_a_socket_tells_changes_as_they_happen_and_outlives_the_proxys_patience(client: Client) -> None:
    with client.watching(WATCH) as messages:
        assert next(messages)["it"]["kind"] == "BOOKMARK"
        client.do("createVolume", name="abc", sizeGb=10, product="SSD")
        told = [message["it"]["kind"] for message in islice(messages, 2)]
        assert told == ["CREATED", "CHANGED"]
        assert [message["it"]["kind"] for message in islice(messages, 6)] == ["BOOKMARK"] * 6


def test_an_event_stream_tells_changes_as_they_happen_and_outlives_the_proxys_patience(client: Client) -> None:
    with client.event_stream(WATCH) as events:
        next(events)
        client.do("createVolume", name="abc", sizeGb=10, product="SSD")
        kinds = (event.data["data"]["it"]["kind"] for event in events if event.name == "next")
        assert next(kind for kind in kinds if kind != "BOOKMARK") == "CREATED"
        assert next(kind for kind in kinds if kind != "BOOKMARK") == "CHANGED"
        assert list(islice(kinds, 6)) == ["BOOKMARK"] * 6


@pytest.mark.parametrize("path", ["/metrics", "/healthz", "/readyz"])
def test_what_is_for_operators_is_kept_from_the_outside(client: Client, path: str) -> None:
    assert client.http.get(path).status_code == 404


def test_pages_come_through_too(client: Client) -> None:
    assert client.http.get("/").headers["content-type"].startswith("text/html")


def test_a_service_that_is_gone_is_passed_over(nginx: Callable[..., str], settings: Settings, tenant: str) -> None:
    with serving(settings) as one, contextlib.ExitStack() as second:
        other = second.enter_context(serving(settings))
        with Client(nginx(one, other), tenant) as client:
            made = client.volume()
            second.close()
            for _ in range(4):
                assert client.ask("query($id: ID!) { volume(id: $id) { status } }", id=made["id"])


def test_a_page_of_the_proxys_own_origin_may_open_a_socket_and_another_may_not(client: Client) -> None:
    def greeted(origin: str) -> int:
        headers = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Origin": origin,
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
            "Sec-WebSocket-Protocol": "graphql-transport-ws",
        }
        with httpx.stream("GET", f"{client.address}/graphql", headers=headers) as response:
            return response.status_code

    assert (greeted(client.address), greeted("https://evil.example")) == (101, 403)
