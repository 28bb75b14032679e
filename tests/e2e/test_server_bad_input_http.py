"""Requests that are wrong as HTTP, or ask for lists that there are not: refused with a reason, and the server goes on."""

import json
import socket
import urllib.parse
from collections.abc import Iterator
from typing import Any

import pytest
from served import Served, served

NONE = "00000000-0000-0000-0000-000000000000"
LONG = "x" * 20_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("http") / "state") as running:
        for number in range(3):
            running.post("/experiments", {"display_name": f"experiment {number}"})
        yield running
        assert "Traceback" not in running.stop()


def quoted(text: str) -> str:
    return urllib.parse.quote(text, safe="")


# -- lists ------------------------------------------------------------------------------------------------------------

LISTS = ("/runs", "/experiments", "/pipelines", "/artifacts")
INJECTED = ("id; DROP TABLE runs", "id' OR '1'='1", "1", "(SELECT 1)", "created_at--", "created_at,id", "runs.id", '"id"',
            "рун", "a" * 5000, "\0", "metric:accuracy", "__class__", "rowid")  # fmt: skip


def predicate(key: Any = "display_name", operation: Any = "EQUALS", **value: Any) -> str:
    return json.dumps({"predicates": [{"key": key, "operation": operation, **(value or {"string_value": "x"})}]})


SORTS = [
    *((text, "Invalid sorting field") for text in INJECTED if " " not in text and text != "\0"),
    ("\0", "sort"),
    *((text, "sort_by") for text in INJECTED if " " in text),
    ("created_at up", "'up'"),
    ("created_at asc desc", "sort_by"),
    ("created_at asc; DROP TABLE runs", "sort_by"),
    ("desc", "desc"),
    ("created_at\u00a0DESCENDING", "DESCENDING"),
]
SIZES = [("-1", "negative"), ("-2147483648", "negative"), ("x", "'x'"), ("1.5", "'1.5'"), ("1e3", "'1e3'"), (" ", "' '"),
         ("99999999999999999999", "page_size"), ("0x10", "page_size"), ("1;", "page_size"), ("NaN", "page_size"), ("\0", "page_size")]  # fmt: skip
TOKENS = ["garbage", "", "AAAA", "=" * 8, "é", "\0", LONG, "eyJTb3J0QnlGaWVsZE5hbWUiOiJpZCJ9", "../../etc/passwd",
          "eyJTb3J0QnlTUUxDb2x1bW4iOiJpZDsgRFJPUCBUQUJMRSBydW5zIn0", "null", "{}", "0", "-1", "%00", "A" * 16384, "A" * 16385]  # fmt: skip
FILTERS: list[tuple[str, str]] = [
    ("x", "filter"),
    ("[]", "filter"),
    ("1", "filter"),
    ('"a"', "filter"),
    ("{", "filter"),
    ("{}}", "filter"),
    ("{'predicates': []}", "filter"),
    ('{"predicate": []}', 'unknown field "predicate"'),
    ('{"predicates": {}}', "filter.predicates"),
    ('{"predicates": 1}', "filter.predicates"),
    ('{"predicates": [1]}', "filter.predicates[0]"),
    ('{"predicates": [null]}', "filter.predicates[0]"),
    ('{"predicates": [[]]}', "filter.predicates[0]"),
    ('{"predicates": [{}]}', "no key"),
    ('{"predicates": [{"key": ""}]}', "no key"),
    ('{"predicates": [{"key": 1}]}', "filter.predicates[0].key"),
    ('{"predicates": [{"key": "id", "or": []}]}', 'unknown field "or"'),
    ('{"predicates": [{"key": "id", "predicates": []}]}', 'unknown field "predicates"'),
    (predicate(operation=None), "operation"),
    (predicate(operation=""), "operation"),
    (predicate(operation="LIKE"), "LIKE"),
    (predicate(operation="equals"), "equals"),
    (predicate(operation="EQUALS; DROP TABLE runs"), "operation"),
    (predicate(operation=4), "operation"),
    (predicate(operation=0), "operation"),
    (predicate(operation=-1), "operation"),
    (predicate(operation=10), "operation"),
    (predicate(operation=1.0), "operation"),
    (predicate(operation=True), "operation"),
    (predicate(operation=[1]), "operation"),
    (predicate(operation={"a": 1}), "operation"),
    ('{"predicates": [{"key": "id", "operation": "EQUALS"}]}', "no values"),
    (predicate(string_value="x", long_value=1), "2 values"),
    (predicate(string_value=1), "string_value"),
    (predicate(string_value=[]), "string_value"),
    (predicate(string_value={}), "string_value"),
    (predicate(long_value="x"), "long_value"),
    (predicate(long_value=1.5), "long_value"),
    (predicate(long_value=1), "text"),
    (predicate(int_value=True), "int_value"),
    (predicate("created_at", long_value=2**63), "64 bits"),
    (predicate("created_at", long_value=-(2**70)), "created_at"),
    (predicate("created_at", "GREATER_THAN", string_value="yesterday"), "a time"),
    (predicate("created_at", "GREATER_THAN", timestamp_value="yesterday"), "yesterday"),
    (predicate("created_at", "GREATER_THAN", timestamp_value="2026-13-01T00:00:00Z"), "RFC 3339"),
    (predicate("created_at", "GREATER_THAN", timestamp_value="2026-01-01T00:00:00"), "RFC 3339"),
    (predicate("created_at", "GREATER_THAN", timestamp_value=""), "RFC 3339"),
    (predicate("created_at", "GREATER_THAN", timestamp_value=7), "timestamp_value"),
    (predicate("created_at", "IS_SUBSTRING", string_value="2026"), "IS_SUBSTRING"),
    (predicate(timestamp_value="2026-01-01T00:00:00Z"), "text"),
    (predicate(operation="IN", string_value="x"), "IN operator"),
    (predicate(operation="IN", string_values=["x"]), "string_values"),
    (predicate(operation="IN", string_values={"value": ["x"]}), "unknown field"),
    (predicate(operation="IN", string_values={"values": "x"}), "values"),
    (predicate(operation="IN", string_values={"values": [1]}), "values"),
    (predicate(operation="IN", long_values={"values": [1]}), "text"),
    (predicate(operation="EQUALS", string_values={"values": ["x"]}), "list"),
    (predicate(operation="IS_SUBSTRING", long_value=1), "IS_SUBSTRING"),
    (predicate(operation="IS_SUBSTRING", string_values={"values": ["x"]}), "list"),
    (predicate(string_value="a\0"), "character"),
    ('{"predicates": [{"key": "id", "operation": 1, "string_value": "\\ud800"}]}', "filter"),
    (predicate(string_value=LONG), "longer"),
    (json.dumps({"predicates": [{"key": "id", "operation": 1, "string_value": "x"}] * 200}), "200 predicates"),
    ("[" * 10_000, "filter"),
    ('{"predicates":' * 5000, "filter"),
    *((predicate(key), "unrecognized field") for key in INJECTED),
    (predicate("tags"), "tags"),
    (predicate("tags."), ""),
    (predicate("pipeline_spec"), "pipeline_spec"),
]  # fmt: skip


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("case", range(len(SORTS)))
def test_a_list_sorted_by_what_it_has_not_is_refused(server: Served, path: str, case: int) -> None:
    text, words = SORTS[case]

    answer = server.get(f"{path}?sort_by={quoted(text)}")

    assert (answer.status, words in answer.message) == (400, True), answer.body


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("case", range(len(SIZES)))
def test_a_page_of_no_size_is_refused(server: Served, path: str, case: int) -> None:
    text, words = SIZES[case]

    answer = server.get(f"{path}?page_size={quoted(text)}")

    assert (answer.status, words in answer.message) == (400, True), answer.body


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("case", [n for n, text in enumerate(TOKENS) if text])
def test_a_token_that_was_not_given_is_refused(server: Served, path: str, case: int) -> None:
    answer = server.get(f"{path}?page_token={quoted(TOKENS[case])}")

    assert (answer.status, "page token" in answer.message) == (400, True), answer.body


def test_a_token_of_which_any_character_was_changed_is_refused(server: Served) -> None:
    token = server.get("/experiments?page_size=1").json["next_page_token"]
    changed = [token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :] for at in range(len(token))]

    statuses = {server.get(f"/experiments?page_token={one}").status for one in changed}

    assert statuses == {400}


@pytest.mark.parametrize(
    ("path", "words"),
    [("/runs?page_token=", "does not match"), ("/experiments?sort_by=id&page_token=", "does not match"),
     ("/experiments?filter=%7B%22predicates%22:%5B%5D%7D&page_token=", "does not match")],
)  # fmt: skip
def test_a_token_of_another_list_is_refused(server: Served, path: str, words: str) -> None:
    token = server.get("/experiments?page_size=1").json["next_page_token"]

    answer = server.get(path + token)

    assert (answer.status, words in answer.message) == (400, True), answer.body


@pytest.mark.parametrize("case", range(len(FILTERS)))
def test_a_filter_that_is_none_is_refused_with_its_place(server: Served, case: int) -> None:
    text, words = FILTERS[case]

    answer = server.get(f"/experiments?filter={quoted(text)}")

    assert (answer.status, words in answer.message) == (400, True), answer.body


# -- paths ------------------------------------------------------------------------------------------------------------

ESCAPES = ("..", "../..", "..%2f..%2fetc%2fpasswd", "%2e%2e%2f", "%252e%252e%252f", "..%5c..%5c", "%00", "a%00b", "%ff%fe",
           ";x=1", "a;b", "/", "//", "%2f", "%5c", "a%20b", "'", "%22", "%3Cscript%3E", "%F0%9F%98%80", "x" * 5000,
           "%0d%0aSet-Cookie:%20a=b", "*", "$(id)", "{run_id}", "null", "undefined", "0", "-1")  # fmt: skip


@pytest.mark.parametrize("escape", ESCAPES, ids=[str(n) for n in range(len(ESCAPES))])
@pytest.mark.parametrize(
    "path",
    ["/runs/@", "/runs/@/events", "/runs/@/tasks", f"/runs/{NONE}/tasks/@/log", "/artifacts/@", "/artifacts/@/download",
     "/pipelines/@", "/pipelines/@/versions", "/pipelines/names/@", "/experiments/@", "/@"],
)  # fmt: skip
def test_a_path_that_leads_nowhere_is_not_found(server: Served, path: str, escape: str) -> None:
    answer = server.get(path.replace("@", escape))

    assert answer.status in {400, 404, 405}, answer.body
    assert b"root:" not in answer.body
    assert answer.headers.get("set-cookie") is None


# -- headers and bodies, byte by byte ---------------------------------------------------------------------------------


def sent(server: Served, request: bytes, *, half_close: bool = True) -> bytes:
    """What comes back for raw bytes, until the server closes."""
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(request)
        if half_close:
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    return answer


HEAD = b"POST /apis/v2beta1/experiments HTTP/1.1\r\nHost: localhost\r\n"
GET = b"GET /apis/v2beta1/runs HTTP/1.1\r\n"
BODY = b'{"display_name": "smuggled"}'
RAW: dict[str, bytes] = {
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 64,
    "a text": b"hello\r\n\r\n",
    "no version": b"GET /apis/v2beta1/runs\r\n\r\n",
    "an unknown version": b"GET /apis/v2beta1/runs HTTP/7.0\r\nHost: localhost\r\n\r\n",
    "a method with a blank": b"GE T /apis/v2beta1/runs HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "no host": GET + b"\r\n",
    "two hosts": GET + b"Host: localhost\r\nHost: localhost\r\n\r\n",
    "an empty host": GET + b"Host: \r\n\r\n",
    "a host that is none": GET + b"Host: local host\r\n\r\n",
    "a header without a name": GET + b"Host: localhost\r\n: x\r\n\r\n",
    "a header without a colon": GET + b"Host: localhost\r\nrubbish\r\n\r\n",
    "a NUL in a header": GET + b"Host: localhost\r\nX-A: a\0b\r\n\r\n",
    "a folded header": GET + b"Host: localhost\r\n folded\r\n\r\n",
    "a header of 1 MB": GET + b"Host: localhost\r\nX-A: " + b"a" * 1_000_000 + b"\r\n\r\n",
    "100,000 headers": GET + b"Host: localhost\r\n" + b"X-A: a\r\n" * 100_000 + b"\r\n",
    "a path of 1 MB": b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a path that is not ASCII": b"GET /\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a length that is no number": HEAD + b"Content-Length: x\r\n\r\n",
    "a length below 0": HEAD + b"Content-Length: -1\r\n\r\n",
    "a length in digits that are not ours": HEAD + "Content-Length: ٣\r\n\r\n".encode(),
    "two lengths": HEAD + b"Content-Length: 28\r\nContent-Length: 3\r\n\r\n" + BODY,
    "a length of 400 digits": HEAD + b"Content-Length: " + b"9" * 400 + b"\r\n\r\n",
    "a length with a plus": HEAD + b"Content-Length: +28\r\n\r\n" + BODY,
    "a length and chunks": HEAD + b"Content-Length: 28\r\nTransfer-Encoding: chunked\r\n\r\n" + BODY,
    "chunks of another kind": HEAD + b"Transfer-Encoding: gzip\r\n\r\n" + BODY,
    "a chunk of no size": HEAD + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
    "a chunk below 0": HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nabc\r\n0\r\n\r\n",
    "a chunk of a huge size": HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\nabc\r\n",
    "a body cut off": HEAD + b"Content-Length: 28\r\n\r\n" + BODY[:10],
    "chunks cut off": HEAD + b"Transfer-Encoding: chunked\r\n\r\n1c\r\n" + BODY[:10],
    "half a request": b"GET /apis/v2",
    "CONNECT": b"CONNECT example.com:443 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a proxy's request": b"GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "an upgrade": GET + b"Host: evil.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    "a bad escape in the query": b"POST /apis/v2beta1/experiments?%zz=%&=;& HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize("case", RAW)
def test_a_request_that_is_none_is_refused(server: Served, case: str) -> None:
    with server.unharmed():
        try:
            answer = sent(server, RAW[case])
        except OSError:
            answer = b""  # refused while it was being sent

    assert answer[:10] in {b"", b"HTTP/1.1 4"}, answer[:500]


def test_a_version_of_http_that_there_is_not_is_refused_by_name(server: Served) -> None:
    answer = sent(
        server, b"GET /apis/v2beta1/runs HTTP/7.0\r\nHost: localhost\r\nConnection: close\r\n\r\n", half_close=False
    )

    assert answer.startswith(b"HTTP/1.1 400"), answer[:500]
    assert b"HTTP/7.0 is not spoken here" in answer


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "FOO", "OPTIONS", "POST"])
@pytest.mark.parametrize("path", ["/healthz", "/auth", "/openapi.json"])
def test_a_method_that_a_path_has_not_is_refused(server: Served, method: str, path: str) -> None:
    answer = server.call(method, "/apis/v2beta1" + path)

    assert (answer.status, answer.message) == (405, "Method Not Allowed")


@pytest.mark.parametrize(
    ("headers", "status", "words"),
    [
        ({"Last-Event-ID": "x"}, 400, "'x'"),
        ({"Last-Event-ID": "-1"}, 400, "'-1'"),
        ({"Last-Event-ID": "1.5"}, 400, "'1.5'"),
        ({"Last-Event-ID": "9" * 30}, 400, "no event"),
        ({"Last-Event-ID": "٣".encode().decode("latin-1")}, 400, "no event"),
    ],
)
def test_a_place_in_a_stream_that_is_none_is_refused(
    server: Served, headers: dict[str, str], status: int, words: str
) -> None:
    run = f"/runs/{started(server)}"

    answer = server.get(run + "/events", headers=headers)

    assert (answer.status, words in answer.message) == (status, True), answer.body


def started(server: Served) -> str:
    """A run that fails at once: its pipeline needs an image that is not there."""
    spec = {
        "pipelineInfo": {"name": "nothing"},
        "schemaVersion": "2.1.0",
        "root": {"dag": {"tasks": {"a": {"componentRef": {"name": "c"}, "taskInfo": {"name": "a"}}}}},
        "components": {"c": {"executorLabel": "e"}},
        "deploymentSpec": {"executors": {"e": {"container": {"image": "nowhere.example/none:1"}}}},
    }
    answer = server.post("/runs", {"display_name": "nothing", "pipeline_spec": spec})
    assert answer.status == 200, answer.body
    return str(answer.json["run_id"])


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_an_idempotency_key_that_is_none_is_refused(server: Served, key: str) -> None:
    body = {"display_name": "x", "pipeline_version_reference": {"pipeline_id": NONE}}

    answer = server.post("/runs", body, headers={"Idempotency-Key": key})

    assert answer.status in {400, 404}
    assert answer.status == 404 or "Idempotency-Key" in answer.message
