"""What can be watched and fetched while and after a run: logs as they are written, artifacts, what lists say."""

import contextlib
import http.client
import json
import socket
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command import PIPELINES, Command
from served import Served, served, start


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("live")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Served]:
    with served(folder / "state") as running:
        yield running


@pytest.fixture(scope="module")
def packages(folder: Path) -> dict[str, bytes]:
    compiled = {}
    for name in ("talking", "stumbling", "making"):
        path = folder / f"{name}.yaml"
        done = Command(folder / "unused")("compile", str(PIPELINES / "live.py"), "--function", name, "-o", str(path))
        assert done.returncode == 0, done.stdout
        compiled[name] = path.read_bytes()
    return compiled


def begun(server: Served, package: bytes, **parameters: str) -> str:
    """Path of a run that has been started."""
    name = f"live-{time.monotonic_ns()}"
    pipeline = server.upload(f"/pipelines/upload?name={name}", "live.yaml", package).json
    body = {
        "display_name": name,
        "pipeline_version_reference": {"pipeline_id": pipeline["pipeline_id"]},
        "runtime_config": {"parameters": parameters},
    }
    answer = server.post("/runs", body)
    assert answer.status == 200, answer.body
    return f"/runs/{answer.json['run_id']}"


def ended(server: Served, package: bytes, **parameters: str) -> str:
    """Path of a run that has ended."""
    run = begun(server, package, **parameters)
    assert server.events(run.removeprefix("/runs/"))[-1]["kind"] == "run.ended"
    return run


def task_named(server: Served, run: str, name: str) -> str:
    """Path of a task, once it is there."""
    while True:
        tasks = {task["name"]: task["task_id"] for task in server.get(run + "/tasks").json.get("tasks", ())}
        if name in tasks:
            return f"{run}/tasks/{tasks[name]}"


class LogStream:
    """A reader of a log. Each event is ``(id, event, data)``."""

    def __init__(self, server: Served, task: str, *, after: str = "", attempt: str = "") -> None:
        self._connection = http.client.HTTPConnection(urllib.parse.urlsplit(server.url).netloc, timeout=60)
        headers = {"Last-Event-ID": after} if after else {}
        path = f"/apis/v2beta1{task}/log/stream" + (f"?attempt={attempt}" if attempt else "")
        self._connection.request("GET", path, headers={**headers, "Connection": "close"})
        self.answer = self._connection.getresponse()

    def __iter__(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        block: dict[str, str] = {}
        while line := self.answer.readline().decode():
            if line != "\n":
                name, _, text = line.rstrip("\n").partition(": ")
                block[name] = text
            elif block.keys() - {""}:
                yield block.get("id", ""), block["event"], json.loads(block["data"])
                block = {}

    def text(self) -> str:
        return "".join(data["text"] for _, event, data in self if event == "log")

    def close(self) -> None:
        self.answer.close()
        self._connection.close()


@contextlib.contextmanager
def reading(server: Served, task: str, **options: str) -> Iterator[LogStream]:
    stream = LogStream(server, task, **options)
    try:
        yield stream
    finally:
        stream.close()


def plain(server: Served, task: str, attempt: int = 1) -> str:
    return server.get(f"{task}/log?attempt={attempt}").body.decode()


# -- logs -------------------------------------------------------------------------------------------------------------


def test_a_log_is_told_while_it_is_written(server: Served, packages: dict[str, bytes], tmp_path: Path) -> None:
    task = task_named(server, begun(server, packages["talking"], gate=str(tmp_path / "gate")), "talk")

    with reading(server, task) as stream:
        events = iter(stream)
        place, _, first = next(events)
        (tmp_path / "gate").touch()
        rest = list(events)

    assert (place, first["text"]) == ("1:20", "before the gate: ä\n")
    assert rest[-1][1:] == ("end", {"attempt": 1, "state": "SUCCEEDED"})
    assert first["text"] + "".join(data["text"] for _, event, data in rest if event == "log") == plain(server, task)


@pytest.fixture(scope="module")
def talked(server: Served, packages: dict[str, bytes], folder: Path) -> str:
    """Path of a task with 2,001 lines of log."""
    (folder / "gate").touch()
    return task_named(server, ended(server, packages["talking"], gate=str(folder / "gate")), "talk")


def test_a_log_that_is_complete_is_told_whole_and_ends(server: Served, talked: str) -> None:
    with reading(server, talked) as stream:
        kind = stream.answer.headers["content-type"]
        text = stream.text()

    assert kind.startswith("text/event-stream")
    assert text == plain(server, talked)


@pytest.mark.parametrize("cut", [0, 1, 17, 18, 19, 20, 21, 10_000, 10**9])
@pytest.mark.parametrize("form", ["{}", "1:{}"])
def test_a_reader_who_resumes_at_any_byte_is_told_the_rest(server: Served, talked: str, cut: int, form: str) -> None:
    with reading(server, talked, after=form.format(cut)) as stream:
        text = stream.text()

    assert text == plain(server, talked).encode()[cut:].decode(errors="replace")


def test_a_reader_who_breaks_off_at_every_event_misses_and_repeats_nothing(server: Served, talked: str) -> None:
    text, place, over = "", "", False
    while not over:
        with reading(server, talked, after=place) as stream:
            place_now, event, data = next(iter(stream))
        over = event == "end"
        text, place = text + data.get("text", ""), place_now or place

    assert text == plain(server, talked)


def test_a_retry_is_told_behind_the_attempt_before_it(
    server: Served, packages: dict[str, bytes], tmp_path: Path
) -> None:
    task = task_named(server, ended(server, packages["stumbling"], mark=str(tmp_path / "mark")), "stumble")

    with reading(server, task, after="1:0") as stream:
        events = list(stream)

    attempts = [data["attempt"] for _, event, data in events if event == "log"]
    assert attempts == sorted(attempts)
    assert set(attempts) == {1, 2}
    assert events[-1][1:] == ("end", {"attempt": 2, "state": "SUCCEEDED"})
    for number, words in ((1, "the first time goes wrong"), (2, "the second time goes well")):
        told = "".join(data["text"] for _, event, data in events if event == "log" and data["attempt"] == number)
        assert told == plain(server, task, number)
        assert words in told


def test_one_attempt_is_told_alone_when_it_is_asked_for(
    server: Served, packages: dict[str, bytes], tmp_path: Path
) -> None:
    task = task_named(server, ended(server, packages["stumbling"], mark=str(tmp_path / "mark")), "stumble")

    with reading(server, task, attempt="1") as stream:
        events = list(stream)

    assert events[-1][1:] == ("end", {"attempt": 1, "state": "FAILED"})
    assert {data["attempt"] for _, _, data in events} == {1}


def test_a_stream_is_resumed_on_the_next_server(wherry: Command, packages: dict[str, bytes], tmp_path: Path) -> None:
    first = start(wherry)
    task = task_named(first, begun(first, packages["talking"], gate=str(tmp_path / "gate")), "talk")
    with reading(first, task) as stream:
        place, _, data = next(iter(stream))
        first.end()
    second = start(wherry)
    (tmp_path / "gate").touch()

    with reading(second, task, after=place) as stream:
        text = data["text"] + stream.text()

    assert text == plain(second, task)
    second.stop()


@pytest.mark.parametrize(
    ("query", "headers", "status", "words"),
    [
        ("?attempt=x", {}, 400, "'x'"),
        ("?attempt=0", {}, 400, "'0'"),
        ("?attempt=-1", {}, 400, "'-1'"),
        ("?attempt=7", {}, 404, "no attempt 7"),
        ("", {"Last-Event-ID": "x"}, 400, "'x'"),
        ("", {"Last-Event-ID": "1:"}, 400, "'1:'"),
        ("", {"Last-Event-ID": "-5"}, 400, "'-5'"),
    ],
)
def test_a_stream_that_cannot_be_is_refused(
    server: Served, talked: str, query: str, headers: dict[str, str], status: int, words: str
) -> None:
    answer = server.get(f"{talked}/log/stream{query}", headers=headers)

    assert (answer.status, words in answer.message) == (status, True), answer.body


def test_a_reader_who_does_not_read_holds_nobody_up(server: Served, packages: dict[str, bytes], tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    run = begun(server, packages["talking"], gate=str(gate))
    task = task_named(server, run, "talk")
    with contextlib.ExitStack() as lazy:
        for path in (f"{run}/events", f"{task}/log/stream"):
            connection = lazy.enter_context(contextlib.closing(socket.socket()))
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
            host, port = urllib.parse.urlsplit(server.url).netloc.split(":")
            connection.connect((host, int(port)))
            connection.sendall(f"GET /apis/v2beta1{path} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        gate.touch()

        events = server.events(run.removeprefix("/runs/"))

    assert events[-1]["kind"] == "run.ended"
    assert server.get(run).json["state"] == "SUCCEEDED"


# -- artifacts --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made(server: Served, packages: dict[str, bytes]) -> str:
    """Path of a run that has made artifacts."""
    return ended(server, packages["making"])


def artifacts_of(server: Served, run: str) -> dict[str, dict[str, Any]]:
    """Artifacts that the tasks of a run have put out, by port."""
    query = f"/artifact_tasks?run_ids={run.removeprefix('/runs/')}&type=OUTPUT&page_size=200"
    links = server.get(query).json["artifact_tasks"]
    return {link["key"]: server.get(f"/artifacts/{link['artifact_id']}").json for link in links}


def test_an_artifact_is_sent_byte_by_byte(server: Served, made: str) -> None:
    model = artifacts_of(server, made)["model"]

    answer = server.get(f"/artifacts/{model['artifact_id']}/download")

    assert (answer.status, answer.body) == (200, bytes(range(256)) * 1000)
    assert (model["type"], model["metadata"]) == ("Model", {"accuracy": 0.5}), model


def test_a_part_of_an_artifact_is_sent(server: Served, made: str) -> None:
    model = artifacts_of(server, made)["model"]

    answer = server.get(f"/artifacts/{model['artifact_id']}/download", headers={"Range": "bytes=255-257"})

    assert (answer.status, answer.body) == (206, b"\xff\x00\x01")


def test_a_page_in_an_artifact_is_run_by_no_browser(server: Served, made: str) -> None:
    page = artifacts_of(server, made)["page"]

    headers = server.get(f"/artifacts/{page['artifact_id']}/download").headers

    assert headers["content-type"] == "application/octet-stream"
    assert headers["content-disposition"].startswith("attachment")
    assert headers["content-security-policy"].startswith("sandbox")
    assert headers["x-content-type-options"] == "nosniff"


def test_a_folder_is_not_sent_and_says_so(server: Served, made: str) -> None:
    folder = artifacts_of(server, made)["folder"]

    answer = server.get(f"/artifacts/{folder['artifact_id']}/download")

    assert (answer.status, "is a folder" in answer.message) == (400, True), answer.body


def test_a_file_outside_the_state_folder_is_not_sent(server: Served, made: str) -> None:
    imported = artifacts_of(server, made)["artifact"]

    answer = server.get(f"/artifacts/{imported['artifact_id']}/download")

    assert imported["uri"] == "/etc/hostname"
    assert (answer.status, "outside" in answer.message) == (403, True), answer.body


@pytest.mark.parametrize("inside", ["link", "link/x"])
def test_a_link_out_of_the_state_folder_is_not_followed(
    server: Served, packages: dict[str, bytes], inside: str
) -> None:
    artifacts = server.command.state / "artifacts"
    for name, target in (("link", "/etc/hostname"), ("away", "/etc")):
        with contextlib.suppress(FileExistsError):
            (artifacts / name).symlink_to(target)
    uri = artifacts / ("link" if inside == "link" else "away/hostname")
    run = ended(server, packages["making"], uri=str(uri))

    answer = server.get(f"/artifacts/{artifacts_of(server, run)['artifact']['artifact_id']}/download")

    assert (answer.status, "outside" in answer.message) == (403, True), answer.body


def test_who_read_and_who_made_an_artifact_is_listed(server: Served, made: str) -> None:
    model = artifacts_of(server, made)["model"]["artifact_id"]

    links = server.get(f"/artifact_tasks?artifact_ids={model}&run_ids={made.removeprefix('/runs/')}").json[
        "artifact_tasks"
    ]
    tasks = {task["task_id"]: task["name"] for task in server.get(made + "/tasks?page_size=50").json["tasks"]}

    assert sorted((tasks[link["task_id"]], link["type"]) for link in links) == [
        ("make", "OUTPUT"),
        ("read", "TASK_OUTPUT_INPUT"),
    ]


def test_artifacts_are_listed_page_by_page_and_found_by_type(server: Served, made: str) -> None:
    assert made
    seen: list[str] = []
    token = ""
    while True:
        page = server.get(f"/artifacts?page_size=1&sort_by=created_at desc&page_token={token}".replace(" ", "%20")).json
        seen += [one["artifact_id"] for one in page["artifacts"]]
        token = page.get("next_page_token", "")
        if not token:
            break

    assert len(seen) == len(set(seen)) == page["total_size"]


# -- pipelines --------------------------------------------------------------------------------------------------------


@pytest.fixture
def pipeline(server: Served, packages: dict[str, bytes]) -> dict[str, Any]:
    name = f"kept-{time.monotonic_ns()}"
    return dict(server.upload(f"/pipelines/upload?name={name}", "p.yaml", packages["making"]).json)


def test_a_pipeline_is_found_by_its_name(server: Served, pipeline: dict[str, Any]) -> None:
    assert server.get(f"/pipelines/names/{pipeline['name']}").json == pipeline


def test_a_pipeline_whose_name_has_a_slash_is_found_by_it(server: Served) -> None:
    made = server.post("/pipelines", {"display_name": "team/churn"}).json

    assert server.get("/pipelines/names/team/churn").json == made


def test_a_patch_changes_what_it_names_and_nothing_else(server: Served, pipeline: dict[str, Any]) -> None:
    path = f"/apis/v2beta1/pipelines/{pipeline['pipeline_id']}"

    tagged = server.call("PATCH", path, {"tags": {"team": "a", "stage": "b"}}).json
    renamed = server.call("PATCH", path, {"display_name": "Shown"}).json
    cleared = server.call("PATCH", path, {"tags": {}}).json

    assert tagged == {**pipeline, "tags": {"team": "a", "stage": "b"}}
    assert renamed == {**tagged, "display_name": "Shown"}
    assert cleared.get("tags", {}) == {}
    assert cleared["display_name"] == "Shown"


def test_a_pipeline_is_found_by_its_tag(server: Served, pipeline: dict[str, Any]) -> None:
    tag = f"t{time.monotonic_ns()}"
    server.call("PATCH", f"/apis/v2beta1/pipelines/{pipeline['pipeline_id']}", {"tags": {"team": tag}})
    predicates = {"predicates": [{"key": "tags.team", "operation": "EQUALS", "string_value": tag}]}

    found = server.get(f"/pipelines?filter={urllib.parse.quote(json.dumps(predicates))}").json

    assert [one["pipeline_id"] for one in found["pipelines"]] == [pipeline["pipeline_id"]]


def test_a_pipeline_and_its_first_version_are_created_at_once(server: Served, packages: dict[str, bytes]) -> None:
    spec = server_spec(server, packages["making"])
    name = f"created-{time.monotonic_ns()}"

    made = server.post(
        "/pipelines/create",
        {"pipeline": {"name": name}, "pipeline_version": {"name": "first", "pipeline_spec": spec}},
    )
    versions = server.get(f"/pipelines/{made.json['pipeline_id']}/versions").json["pipeline_versions"]

    assert (made.status, made.json["name"]) == (200, name)
    assert [one["name"] for one in versions] == ["first"]
    assert (
        server.get(f"/pipelines/{made.json['pipeline_id']}/versions/{versions[0]['pipeline_version_id']}").json[
            "pipeline_spec"
        ]
        == spec
    )


def server_spec(server: Served, package: bytes) -> Any:
    """A specification as the API sends it."""
    name = f"spec-{time.monotonic_ns()}"
    pipeline = server.upload(f"/pipelines/upload?name={name}", "p.yaml", package).json
    versions = server.get(f"/pipelines/{pipeline['pipeline_id']}/versions").json["pipeline_versions"]
    version = versions[0]["pipeline_version_id"]
    return server.get(f"/pipelines/{pipeline['pipeline_id']}/versions/{version}").json["pipeline_spec"]
