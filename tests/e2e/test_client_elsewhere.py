"""`wherry.Client` and servers that are not ours, or not well: every one of them is real HTTP on loopback."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from wherry import Client
from wherry.client.event_stream import ServerAway
from wherry.errors import InfrastructureError, InvalidArgumentError, ServerUnreachableError

Answer = tuple[int, str, bytes] | None
"""Status, content type, body; None closes the connection without a word."""


class Asked:
    """What a server was asked: method, path, headers."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, dict[str, str]]] = []

    def headers(self, name: str) -> list[str | None]:
        return [headers.get(name) for _, _, headers in self.calls]


@contextmanager
def serving(answer: Callable[[str, int], Answer]) -> Iterator[tuple[Client, Asked]]:
    """A server that answers a path by the number of calls that it has had for it, counted from 1."""
    asked = Asked()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            asked.calls.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}))
            self.rfile.read(int(self.headers.get("content-length", 0)))
            given = answer(path, sum(one.partition("?")[0] == path for _, one, _ in asked.calls))
            if given is None:
                self.close_connection = True
                return
            status, kind, body = given
            self.send_response(status)
            self.send_header("content-type", kind)
            if status == 302:
                self.send_header("location", "https://login.example/")
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815  the name that http.server looks for

        def log_message(self, *_arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield Client(f"http://127.0.0.1:{server.server_port}/prefix/"), asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def as_json(**fields: Any) -> Answer:
    return (200, "application/json", json.dumps(fields).encode())


MISSING = (404, "application/json", b'{"code": 5, "message": "Not Found"}')


def event(seq: int) -> bytes:
    data = json.dumps({"seq": seq, "at": seq, "kind": "task.started", "task": f"root/t{seq}"})
    return f"id: {seq}\nevent: task.started\ndata: {data}\n\n".encode()


def test_a_server_that_cannot_tell_is_asked_again_until_the_run_has_ended() -> None:
    def answer(path: str, number: int) -> Answer:
        if "/events" in path:
            return MISSING
        state = "RUNNING" if number < 3 else "SUCCEEDED"
        return as_json(run_id="r", state=state, run_details={"pipeline_context_id": "7", "task_details": []}, new=[1])

    with serving(answer) as (client, asked):
        done = client.wait_for_run_completion("r", timeout=60, sleep_duration=0.01)

    assert (done.run_id, done.state) == ("r", "SUCCEEDED")
    events = [path for _, path, _ in asked.calls if "/events" in path]
    assert events == ["/prefix/apis/v2beta1/runs/r/events?kind=run.ended"]


def test_a_stream_that_breaks_is_resumed_behind_its_last_event() -> None:
    def answer(_path: str, number: int) -> Answer:
        whole = {1: event(1) + event(2) + b"id: 3\nevent: task.st", 2: event(3) + b"event: end\ndata: {}\n\n"}
        return (200, "text/event-stream", whole[number])

    with serving(answer) as (client, asked):
        told = [notice.seq for notice in client.follow_run("r") if not isinstance(notice, ServerAway)]

    assert told == [1, 2, 3]
    assert asked.headers("last-event-id") == ["0", "2"]


def test_a_server_that_stays_away_is_told_once_and_then_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wherry.client.runs._RECONNECTS", 3)
    monkeypatch.setattr("wherry.client.runs._RECONNECT_SECONDS", 0.01)
    told: list[str] = []

    def follow(client: Client) -> None:
        for notice in client.follow_run("r"):
            told.append(type(notice).__name__)  # noqa: PERF401  what came before the error counts

    def once(_path: str, number: int) -> Answer:
        return (200, "text/event-stream", event(1)) if number == 1 else None

    with serving(once) as (client, _), pytest.raises(ServerUnreachableError):
        follow(client)

    assert told == ["RunEvent", "ServerAway"]


def test_a_run_whose_answer_was_lost_is_submitted_under_the_same_key(tmp_path: Any) -> None:
    (tmp_path / "p.json").write_text(
        json.dumps({"pipelineInfo": {"name": "p"}, "schemaVersion": "2.1.0", "root": {"dag": {"tasks": {}}}})
    )

    with serving(lambda _path, number: None if number == 1 else as_json(run_id="r")) as (client, asked):
        run = client.run_pipeline("e", "job", str(tmp_path / "p.json"))

    first, second = asked.headers("idempotency-key")
    assert (run.run_id, first) == ("r", second)
    assert first


def test_a_call_that_may_have_been_done_is_not_sent_twice() -> None:
    with serving(lambda _path, _number: None) as (client, asked), pytest.raises(ServerUnreachableError):
        client.archive_run("r")

    assert len(asked.calls) == 1


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        ((200, "text/html", b"<html>"), InfrastructureError, "does not answer as a Kubeflow Pipelines server does"),
        ((302, "text/html", b""), InvalidArgumentError, "https://login.example/"),
        ((502, "text/html", b"bad gateway"), InfrastructureError, "status 502: bad gateway"),
        ((200, "application/json", b'{"runs": 3}'), InfrastructureError, '"runs"'),
    ],
)
def test_what_is_no_such_server_is_told_apart(answer: Answer, kind: type[Exception], says: str) -> None:
    with serving(lambda _path, _number: answer) as (client, _), pytest.raises(kind) as caught:
        client.list_runs()

    assert says in str(caught.value)


def test_credentials_of_kfp_are_asked_before_every_call() -> None:
    class Credentials:
        """As kfp's TokenCredentialsBase."""

        def __init__(self) -> None:
            self.count = 0

        def refresh_api_key_hook(self, config: Any) -> None:
            self.count += 1
            config.api_key["authorization"] = f"token-{self.count}"

    with serving(lambda _path, _number: as_json()) as (unused, asked):
        client = Client(unused.host, credentials=Credentials(), cookies="session=1")
        client.list_runs()
        client.list_experiments()

    assert asked.headers("authorization") == ["Bearer token-1", "Bearer token-2"]
    assert asked.headers("cookie") == ["session=1"] * 2


def test_a_path_in_front_of_the_api_and_a_proxy_are_kept() -> None:
    with serving(lambda _path, _number: as_json()) as (client, asked):
        Client("http://far.example/pipeline", proxy=client.host).list_runs(page_size=3)

    assert [path for _, path, _ in asked.calls] == ["http://far.example/pipeline/apis/v2beta1/runs?page_size=3"]
    assert asked.headers("host") == ["far.example"]
