"""How the console and GraphiQL reach a browser: whole, small, kept as long as they hold, and nothing else with them."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app import main
from app.settings import Settings
from app.testing.serving import serving
from tests.client import SECRET, Client

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "Accept-Encoding": "identity"}
CONSOLE = '<script type="module" src="./assets/console-1a2b.js"></script>'
GRAPHIQL = '<script type="module" src="./assets/graphiql-3c4d.js"></script>'
SCRIPT = "document.title = '볼륨'; " * 100
POLICY = {
    "default-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "worker-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
}


def lay(folder: Path, name: str, text: str) -> None:
    """Lay a file as the build does, with its smaller forms beside it. Nothing here opens the one for brotli."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    file.with_name(f"{file.name}.br").write_bytes(b"as brotli: " + file.name.encode())


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the build leaves it."""
    folder = tmp_path_factory.mktemp("installed") / "static"
    lay(folder, "index.html", CONSOLE)
    lay(folder, "graphiql.html", GRAPHIQL)
    lay(folder, "assets/console-1a2b.js", SCRIPT)
    lay(folder, "assets/console-5e6f.css", "body { margin: 0 }")
    (folder / "assets" / "codicon-7a8b.ttf").write_bytes(b"\x00\x01")
    (folder / "sources.sha256").write_text("of the build", encoding="ascii")
    (folder.parent / "secret.js").write_text("of somebody else", encoding="ascii")
    return folder


@pytest.fixture(scope="module")
def reader(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A browser without a token, before a service whose pages were built."""
    settings = Settings(data=tmp_path_factory.mktemp("pages"), jwt_secret=SECRET, worker=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(main, "STATIC", built)
        with serving(settings) as address, httpx.Client(base_url=address, headers=BROWSER) as client:
            yield client


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A browser before a service whose pages were not built."""
    settings = Settings(data=tmp_path_factory.mktemp("bare"), jwt_secret=SECRET, worker=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(main, "STATIC", settings.data / "static")
        with serving(settings) as address, httpx.Client(base_url=address, headers=BROWSER) as client:
            yield client


@pytest.mark.parametrize(("path", "page"), [("/", CONSOLE), ("/graphql", GRAPHIQL)])
def test_a_readergets_a_page_without_a_token(reader: httpx.Client, path: str, page: str) -> None:
    response = reader.get(path)

    assert (response.status_code, response.text) == (200, page)
    assert response.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("path", ["/", "/graphql", "/assets/console-1a2b.js"])
def test_a_page_and_its_parts_may_load_from_here_alone(reader: httpx.Client, path: str) -> None:
    headers = reader.get(path).headers

    assert set(headers["content-security-policy"].split("; ")) == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("name", "media"),
    [
        ("console-1a2b.js", "text/javascript; charset=utf-8"),
        ("console-5e6f.css", "text/css; charset=utf-8"),
        ("codicon-7a8b.ttf", "font/ttf"),
    ],
)
def test_what_a_page_loads_is_kept_for_ever(reader: httpx.Client, name: str, media: str) -> None:
    response = reader.get(f"/assets/{name}")

    assert response.status_code == 200
    assert response.headers["content-type"] == media
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("path", ["/", "/graphql"])
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_a_page_is_asked_for_each_time_and_sent_only_when_it_is_another(
    reader: httpx.Client, path: str, coding: str
) -> None:
    takes = {"Accept-Encoding": coding}
    first = reader.get(path, headers=takes)
    assert first.headers["cache-control"] == "no-cache"

    for tags in (first.headers["etag"], f'"another", W/{first.headers["etag"]}'):
        again = reader.get(path, headers={**takes, "If-None-Match": tags})
        assert (again.status_code, again.content) == (304, b"")
        for name in ("etag", "vary", "cache-control", "content-security-policy"):
            assert again.headers[name] == first.headers[name]
    other = reader.get(path, headers={**takes, "If-None-Match": '"another"'})
    assert (other.status_code, other.text) == (200, first.text)


@pytest.mark.parametrize(
    ("takes", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("deflate", None),
        ("", None),
        ("identity", None),
    ],
)
def test_the_smallest_form_that_the_readertakes_is_sent(reader: httpx.Client, takes: str, coding: str | None) -> None:
    with reader.stream("GET", "/assets/console-1a2b.js", headers={"Accept-Encoding": takes}) as response:
        raw = b"".join(response.iter_raw())

    assert response.headers.get("content-encoding") == coding
    assert response.headers["vary"] == "Accept-Encoding"
    forms = {"br": b"as brotli: console-1a2b.js", "gzip": gzip.compress(SCRIPT.encode(), mtime=0)}
    assert raw == forms.get(coding or "", SCRIPT.encode())
    assert int(response.headers["content-length"]) == len(raw)


def test_no_two_forms_have_the_same_tag(reader: httpx.Client) -> None:
    tags = set()
    for coding in ("identity", "gzip", "br"):
        with reader.stream("GET", "/", headers={"Accept-Encoding": coding}) as response:
            tags.add(response.headers["etag"])
    assert len(tags) == 3


@pytest.mark.parametrize("path", ["/", "/graphql", "/assets/console-1a2b.js"])
def test_who_asks_for_the_head_gets_it_alone(reader: httpx.Client, path: str) -> None:
    whole, head = reader.get(path), reader.head(path)

    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-length", "etag", "cache-control", "vary"):
        assert head.headers[name] == whole.headers[name]


@pytest.mark.parametrize(
    "path",
    [
        "/assets/",
        "/assets/nothing.js",
        "/assets/console-1a2b.js.gz",
        "/assets/../index.html",
        "/assets/..%2Findex.html",
        "/assets/%2e%2e/sources.sha256",
        "/assets/..%2F..%2Fsecret.js",
        "/assets/..%5c..%5csecret.js",
        "/assets/%2Fetc%2Fpasswd",
        "/assets/console-1a2b.js%00",
        "/assets//console-1a2b.js",
        "/sources.sha256",
        "/graphiql.html",
        "/index.html",
        "/static/index.html",
    ],
)
def test_nothing_else_is_served(reader: httpx.Client, path: str) -> None:
    url = httpx.URL(reader.base_url).copy_with(raw_path=path.encode())  # as it is: a browser would tidy it up
    response = reader.get(url)

    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("path", ["/", "/assets/console-1a2b.js"])
def test_pages_are_read_only(reader: httpx.Client, path: str) -> None:
    assert reader.post(path).status_code == 405


def test_every_address_in_a_page_is_relative_so_that_a_proxy_may_put_it_under_a_prefix(reader: httpx.Client) -> None:
    for path in ("/", "/graphql"):
        response = reader.get(path)
        assert 'src="./assets/' in response.text
        assert "location" not in response.headers


def test_a_client_that_wants_data_gets_no_page(reader: httpx.Client) -> None:
    response = reader.get("/graphql", headers={"Accept": "application/json"})

    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (403, "PREFLIGHT_REQUIRED")


@pytest.mark.parametrize("path", ["/", "/graphql"])
def test_without_the_pages_one_sentence_says_so_and_the_api_works(bare: httpx.Client, path: str) -> None:
    response = bare.get(path)
    assert response.status_code == 404
    assert "were not built" in response.text
    assert response.headers["cache-control"] == "no-store"

    with Client(str(bare.base_url), "t") as client:
        assert client.ask("{ __typename }") == {"__typename": "Query"}


def test_a_page_stays_whole_when_the_installation_is_replaced_below_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    static = tmp_path / "static"
    lay(static, "index.html", CONSOLE)
    monkeypatch.setattr(main, "STATIC", static)
    with serving(Settings(data=tmp_path / "data", jwt_secret=SECRET, worker=False)) as address:
        lay(static, "index.html", GRAPHIQL)
        assert httpx.get(address, headers=BROWSER).text == CONSOLE
