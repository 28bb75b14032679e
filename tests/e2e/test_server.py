"""The server's own promises: what it takes, what it refuses, and what is there after it was stopped."""

import gzip
import http.client
import io
import json
import os
import re
import signal
import socket
import tarfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command import PIPELINES, Command
from served import Served, served, start


def compiled(folder: Path, source: str, *options: str) -> bytes:
    path = folder / "package.yaml"
    done = Command(folder / "unused")("compile", str(PIPELINES / source), "-o", str(path), *options)
    assert done.returncode == 0, done.stdout
    return path.read_bytes()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("server") / "state") as running:
        yield running


@pytest.fixture(scope="module")
def hello(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return compiled(tmp_path_factory.mktemp("hello"), "hello.py")


def hello_run(server: Served, hello: bytes, name: str = "hello", who: str = "Ada", **headers: str) -> dict[str, Any]:
    pipeline = server.upload(f"/pipelines/upload?name={name}-{time.time_ns()}", "hello.yaml", hello).json
    body = {
        "display_name": name,
        "pipeline_version_reference": {"pipeline_id": pipeline["pipeline_id"]},
        "runtime_config": {"parameters": {"name": who}},
    }
    answer = server.post("/runs", body, headers=headers)
    assert answer.status == 200, answer.body
    return dict(answer.json)


def test_a_run_has_a_1970_end_until_it_has_ended(server: Served, hello: bytes) -> None:
    run = hello_run(server, hello)

    assert (run["state"], run["finished_at"]) == ("PENDING", "1970-01-01T00:00:00Z")


def test_a_stream_that_is_resumed_misses_and_repeats_nothing(server: Served, hello: bytes) -> None:
    run_id = hello_run(server, hello)["run_id"]

    whole = server.events(run_id)
    rest = server.events(run_id, after=3)

    assert [event["seq"] for event in whole] == list(range(1, len(whole) + 1))
    assert whole[-1]["kind"] == "run.ended"
    assert rest == whole[3:]


def test_tasks_and_logs_of_a_run_are_served(server: Served, hello: bytes) -> None:
    run_id = hello_run(server, hello, name="seen", who="Nobody else")["run_id"]
    server.events(run_id)

    tasks = {task["name"]: task for task in server.get(f"/runs/{run_id}/tasks?page_size=50").json["tasks"]}

    greet = tasks["greet"]
    assert (greet["type"], greet["state"]) == ("RUNTIME", "SUCCEEDED")
    assert b"greeting Nobody else" in server.get(f"/runs/{run_id}/tasks/{greet['task_id']}/log").body
    assert server.get(f"/runs/{run_id}/tasks/{greet['task_id']}").json == greet


def test_the_same_idempotency_key_starts_one_run(server: Served, hello: bytes) -> None:
    first = hello_run(server, hello, **{"Idempotency-Key": "once"})
    second = hello_run(server, hello, **{"Idempotency-Key": "once"})

    assert first["run_id"] == second["run_id"]


def zipped(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("pipeline.yaml", content)
    return out.getvalue()


def tarred(content: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        member = tarfile.TarInfo("pipeline.yaml")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


@pytest.mark.parametrize(("name", "pack"), [("p.zip", zipped), ("p.tar.gz", tarred)])
def test_a_pipeline_in_an_archive_is_registered(server: Served, hello: bytes, name: str, pack: Any) -> None:
    answer = server.upload(f"/pipelines/upload?name=packed-{name.replace('.', '-')}", name, pack(hello))

    assert answer.status == 200, answer.body


def test_a_large_specification_is_read_and_a_large_wrong_one_is_refused(server: Served, hello: bytes) -> None:
    padding = b"# " + b"x" * 400_000 + b"\n"

    right = server.upload("/pipelines/upload?name=large", "large.yaml", padding + hello)
    wrong = server.upload("/pipelines/upload?name=large-wrong", "large.yaml", padding + b"root: [")

    assert (right.status, wrong.status) == (200, 400)
    assert "not valid YAML" in wrong.json["error_message"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"root: [", "not valid YAML"),
        (b"a: b", "holds no pipeline specification"),
        (b"[" * 100_000, "nesting depth"),
        (gzip.compress(b"\0" * 50_000_000), "unpacks to more"),
        (tarred(b"\0" * 50_000_000), "unpacks to more"),
        (zipped(b"\0" * 50_000_000), "unpacks to more"),
        (zipped(b"")[:-10], "archive"),
    ],
    ids=["empty", "broken", "other", "deep", "gzip-of-nothing", "tar-bomb", "zip-bomb", "cut"],
)
def test_a_bad_upload_is_a_400_that_says_what_is_wrong(server: Served, content: bytes, said: str) -> None:
    answer = server.upload("/pipelines/upload?name=bad", "bad", content)

    assert answer.status == 400
    assert said in answer.json["error_message"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "said"),
    [
        ("POST", "/experiments", {"display_nam": "x"}, 400, 'unknown field "display_nam"'),
        ("POST", "/experiments", {"displayName": ""}, 400, "needs a display_name"),
        ("POST", "/experiments", [], 400, "no JSON object"),
        ("POST", "/runs", {"display_name": "x"}, 400, "names its pipeline in one way"),
        ("POST", "/runs", {"display_name": "x", "pipeline_spec": {"root": 1}}, 400, "root"),
        ("POST", "/runs", {"display_name": {}, "pipeline_spec": {}}, 400, "display_name"),
        ("GET", "/runs/none", None, 404, "none"),
        ("GET", "/runs?page_size=-1", None, 400, "page size"),
        ("GET", "/runs?page_token=garbage", None, 400, "page token"),
        ("GET", "/runs?sort_by=colour", None, 400, "Invalid sorting field"),
        ("GET", "/runs?filter=%7B%7D%7D", None, 400, "filter"),
        ("GET", "/artifact_tasks", None, 400, "is needed"),
        ("GET", "/recurringruns", None, 501, "not built"),
        ("GET", "/nowhere", None, 404, "Not Found"),
        ("PUT", "/runs", None, 405, "Method Not Allowed"),
    ],
)
def test_a_wrong_call_is_refused_and_told_why(
    server: Served, method: str, path: str, body: Any, status: int, said: str
) -> None:
    answer = server.call(method, "/apis/v2beta1" + path, body)

    assert answer.status == status, answer.body
    assert said in answer.message
    assert answer.json["details"][0]["message"] == answer.message


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_page_of_another_site_is_refused(server: Served, headers: dict[str, str]) -> None:
    answer = server.post("/experiments", {"display_name": "stolen"}, headers=headers)

    assert answer.status == 403


def test_a_body_that_is_too_long_is_refused_before_it_is_sent(server: Served) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=30)
    connection.putrequest("POST", "/apis/v2beta1/runs")
    connection.putheader("Content-Length", str(10**12))
    connection.endheaders()

    answer = connection.getresponse()

    assert (answer.status, json.loads(answer.read())["code"]) == (413, 11)
    connection.close()


def test_the_front_page_is_the_web_interface_and_loads_from_here_alone(server: Served) -> None:
    answer = server.call("GET", "/")

    script = re.search(rb'src="\./(assets/[^"]+\.js)"', answer.body)
    assert script is not None, "the web interface is not built: make web"
    assert "script-src 'self'; style-src 'self';" in answer.headers["content-security-policy"]
    assert server.call("GET", "/" + script[1].decode()).headers["content-type"] == "text/javascript; charset=utf-8"


def test_with_a_required_token_only_its_bearer_passes(tmp_path: Path) -> None:
    with served(tmp_path / "state", "--require-token") as server:
        token = (tmp_path / "state/server/token").read_text().strip()

        statuses = [
            server.get("/runs").status,
            server.get("/runs", headers={"Authorization": "Bearer wrong"}).status,
            server.get("/runs", headers={"Authorization": f"Bearer {token}"}).status,
            server.get("/healthz").status,
        ]

    assert statuses == [401, 401, 200, 200]
    assert oct((tmp_path / "state/server/token").stat().st_mode)[-3:] == "600"


def test_a_server_that_others_could_reach_demands_a_token(wherry: Command) -> None:
    done = wherry("up", "--host", "0.0.0.0", "--port", "0")  # noqa: S104  what is refused

    assert done.returncode != 0
    assert "--require-token" in done.stdout


def test_a_second_server_on_the_same_state_names_the_first(tmp_path: Path) -> None:
    with served(tmp_path / "state") as first:
        done = first.command("up", "--port", "0")

        assert done.returncode != 0
        assert f"process {first.process.pid}" in done.stdout


def test_a_taken_port_names_its_holder(wherry: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = wherry("up", "--port", str(taken.getsockname()[1]))

    assert done.returncode != 0
    assert f"is taken by process {os.getpid()}" in done.stdout


def log_of(server: Served, run: str, name: str) -> str:
    """Path of the log of a task, once the task has an attempt."""
    while True:
        tasks = {task["name"]: task["task_id"] for task in server.get(run + "/tasks").json.get("tasks", ())}
        if name in tasks and server.get(f"{run}/tasks/{tasks[name]}/log").status == 200:
            return f"{run}/tasks/{tasks[name]}/log"
        time.sleep(0.05)


def test_a_stopped_server_leaves_its_tasks_to_the_next(tmp_path: Path) -> None:
    package = compiled(tmp_path, "failures.py", "--function", "hanging")
    with served(tmp_path / "state") as first:
        pipeline = first.upload("/pipelines/upload?name=hanging", "hanging.yaml", package).json
        run = first.post(
            "/runs",
            {"display_name": "hanging", "pipeline_version_reference": {"pipeline_id": pipeline["pipeline_id"]}},
        ).json
        path = f"/runs/{run['run_id']}"
        log = log_of(first, path, "hangs")
        assert "Stopped." in first.stop(signal.SIGTERM)
        assert not (tmp_path / "state/server/address.json").exists()

        second = start(first.command)
        try:
            state = second.get(path).json["state"]
            second.post(path + ":terminate")
            events = second.events(run["run_id"])
            attempts = [second.get(f"{log}?attempt={number}").status for number in (1, 2)]
        finally:
            second.stop()

    assert (state, attempts) == ("RUNNING", [200, 404])
    assert events[-1]["kind"] == "run.ended"
