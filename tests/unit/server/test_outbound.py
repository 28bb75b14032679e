"""The one way out: what it refuses to ask, and that it fetches what it may."""

import asyncio
import http.server
import threading
from collections.abc import Iterator

import pytest

from wherry.errors import InfrastructureError, InvalidArgumentError, PermissionDeniedError, TooLargeError, WherryError
from wherry.server.outbound import OutboundRules, fetch

LIMIT = 1000
PUBLIC = OutboundRules()
LOCAL = OutboundRules(hosts=frozenset({"localhost"}), schemes=frozenset({"http"}), own_network=True)


class _Files(http.server.BaseHTTPRequestHandler):
    """Answers with a few files, redirects and failures."""

    def do_GET(self) -> None:
        to = {
            "/moved": "/package.yaml",
            "/loop": "/loop",
            "/away": "http://127.0.0.1:1/package.yaml",
            "/inside": "file:///etc/passwd",
        }.get(self.path)
        content = {"/package.yaml": b"schemaVersion", "/large": b"x" * (LIMIT + 1)}.get(self.path, b"")
        self.send_response(302 if to else 200 if content else 404)
        if to:
            self.send_header("location", to)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *_: object) -> None:  # noqa: A002  the base class calls it so
        """Say nothing."""


@pytest.fixture(scope="module")
def files() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Files)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def fetched(url: str, rules: OutboundRules) -> bytes:
    return asyncio.run(fetch(url, rules=rules, limit=LIMIT))


def refused(url: str, rules: OutboundRules) -> type[WherryError]:
    with pytest.raises(WherryError) as caught:
        fetched(url, rules)
    return type(caught.value)


def test_a_package_is_fetched_through_redirects(files: str) -> None:
    assert fetched(files + "/package.yaml", LOCAL) == b"schemaVersion"
    assert fetched(files + "/moved", LOCAL) == b"schemaVersion"


def test_a_redirect_passes_the_same_checks(files: str) -> None:
    assert refused(files + "/away", LOCAL) is PermissionDeniedError
    assert refused(files + "/inside", LOCAL) in {PermissionDeniedError, InvalidArgumentError}
    assert refused(files + "/loop", LOCAL) is InvalidArgumentError


def test_what_is_not_there_or_too_large_is_refused(files: str) -> None:
    assert refused(files + "/missing", LOCAL) is InvalidArgumentError
    assert refused(files + "/large", LOCAL) is TooLargeError


@pytest.mark.parametrize(
    "url",
    [
        "http://github.com/a/b.yaml",
        "https://example.org/a.yaml",
        "https://github.com.example.org/a.yaml",
        "https://user:word@github.com/a.yaml",
        "https://github.com:22/a.yaml",
        "https://169.254.169.254/latest/meta-data",
        "https://localhost/a.yaml",
        "https://[::1]/a.yaml",
        "file:///etc/passwd",
        "ftp://github.com/a.yaml",
    ],
)
def test_only_known_hosts_are_asked_and_only_by_https(url: str) -> None:
    assert refused(url, PUBLIC) in {PermissionDeniedError, InvalidArgumentError}


@pytest.mark.parametrize("url", ["", "package.yaml", "https://", "https://github.com/a b", "https://[", "https://a:b/"])
def test_a_text_that_is_no_url_is_refused(url: str) -> None:
    assert refused(url, PUBLIC) in {PermissionDeniedError, InvalidArgumentError}


@pytest.mark.parametrize("name", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "localhost", "[::1]", "[fd00::1]"])
def test_a_host_inside_is_not_asked_even_if_it_is_on_the_list(name: str) -> None:
    rules = OutboundRules(hosts=frozenset({name.strip("[]")}))

    assert refused(f"https://{name}/a.yaml", rules) is PermissionDeniedError


def test_every_host_below_a_name_may_be_listed() -> None:
    rules = OutboundRules(hosts=frozenset({"*.invalid"}))

    assert refused("https://packages.invalid/a.yaml", rules) is InfrastructureError
    assert refused("https://invalid/a.yaml", rules) is PermissionDeniedError


def test_a_host_that_cannot_be_reached_is_an_outage() -> None:
    rules = OutboundRules(hosts=frozenset({"127.0.0.1"}), schemes=frozenset({"http"}), own_network=True)

    assert refused("http://127.0.0.1:1/a.yaml", rules) is InfrastructureError
