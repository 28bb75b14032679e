"""`wherry.Client` against a real server."""

import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import PIPELINES
from served import Served, served

from wherry import Client, dsl
from wherry.cli.sources import load_pipeline
from wherry.client import RunPipelineResult
from wherry.compiler import Compiler
from wherry.errors import (
    AlreadyExistsError,
    InvalidArgumentError,
    NotBuiltError,
    NotFoundError,
    ServerUnreachableError,
    UnauthenticatedError,
)
from wherry.model.runs import RunEvent


@dsl.component(base_image="python:3.11")
def add(a: int, b: int = 2) -> int:
    print("adding", a, b)
    return a + b


@dsl.pipeline(name="adding")
def adding(a: int = 1) -> int:
    return add(a=add(a=a).output).output


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("client") / "state") as running:
        yield running


@pytest.fixture
def client(server: Served) -> Client:
    return Client(server.url)


@pytest.fixture
def package(tmp_path: Path) -> str:
    path = str(tmp_path / "adding.yaml")
    Compiler().compile(adding, path)
    return path


def hanging(client: Client) -> RunPipelineResult:
    """A run that ends only if it is cancelled, once its task is running."""
    pipeline = load_pipeline(str(PIPELINES / "failures.py"), function="hanging")
    result = client.create_run_from_pipeline_func(pipeline)
    for notice in client.follow_run(result.run_id):
        if isinstance(notice, RunEvent) and notice.task == "root/hangs":
            break
    return result


def test_a_run_from_a_function_is_waited_for_and_has_its_tasks(client: Client) -> None:
    result = client.create_run_from_pipeline_func(adding, arguments={"a": 3}, experiment_name="functions")

    done = result.wait_for_run_completion(timeout=60)
    assert (done.state, done.run_id) == ("SUCCEEDED", result.run_id)
    assert {task.scope_path: task.state for task in client.list_tasks(done.run_id)} == {
        "root": "SUCCEEDED",
        "root.add": "SUCCEEDED",
        "root.add-2": "SUCCEEDED",
    }
    assert client.get_experiment(experiment_name="functions").experiment_id == done.experiment_id


def test_where_to_look_is_printed_as_kfp_does(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    result = client.create_run_from_pipeline_func(adding)

    assert capsys.readouterr().out == f"Run details: {client.host}/#/runs/{result.run_id}\n"
    result.wait_for_run_completion(timeout=60)


@pytest.mark.parametrize("archived", [False, True])
def test_a_package_is_run_from_a_file_or_an_archive(
    client: Client, package: str, tmp_path: Path, *, archived: bool
) -> None:
    path = package
    if archived:
        path = str(tmp_path / "adding.zip")
        with zipfile.ZipFile(path, "w") as archive:
            archive.write(package, "adding.yaml")

    result = client.create_run_from_pipeline_package(path, arguments={"a": 5})

    assert result.wait_for_run_completion(timeout=60).state == "SUCCEEDED"


def test_caching_is_switched_off_for_every_task(client: Client, package: str) -> None:
    client.create_run_from_pipeline_package(package, {"a": 77}).wait_for_run_completion(timeout=60)

    again = client.create_run_from_pipeline_package(package, {"a": 77}, enable_caching=False)

    again.wait_for_run_completion(timeout=60)
    assert [task.state for task in client.list_tasks(again.run_id)] == ["SUCCEEDED"] * 3


def test_pipelines_and_versions_are_uploaded_found_run_and_deleted(client: Client, package: str) -> None:
    pipeline = client.upload_pipeline(package, description="adds")
    version = client.upload_pipeline_version_from_pipeline_func(adding, "second", pipeline_name="adding")

    assert client.get_pipeline_id("adding") == pipeline.pipeline_id
    assert client.get_pipeline(pipeline.pipeline_id).description == "adds"
    versions = client.list_pipeline_versions(pipeline.pipeline_id).pipeline_versions
    assert {one.display_name for one in versions} == {"adding", "second"}
    experiment = client.create_experiment("versions")
    run = client.run_pipeline(
        experiment.experiment_id,
        "by version",
        pipeline_id=pipeline.pipeline_id,
        version_id=version.pipeline_version_id,
        params={"a": 9},
    )
    done = client.wait_for_run_completion(run.run_id, timeout=60)
    assert (done.state, done.pipeline_version_reference) == ("SUCCEEDED", run.pipeline_version_reference)
    for one in versions:
        client.delete_pipeline_version(pipeline.pipeline_id, one.pipeline_version_id)
    client.delete_pipeline(pipeline.pipeline_id)
    assert client.get_pipeline_id("adding") is None


def test_lists_are_paged_filtered_and_sorted(client: Client) -> None:
    experiment = client.create_experiment("pages").experiment_id
    names = ["one", "two", "three"]
    for name in names:
        client.create_run_from_pipeline_func(adding, run_name=name, experiment_id=experiment)

    first = client.list_runs(page_size=2, sort_by="created_at asc", experiment_id=experiment)
    rest = client.list_runs(first.next_page_token, 2, "created_at asc", experiment)
    assert [run.display_name for run in (*first.runs, *rest.runs)] == names
    assert (first.total_size, rest.next_page_token) == (3, "")


def test_runs_and_experiments_are_archived_put_back_and_deleted(client: Client) -> None:
    result = client.create_run_from_pipeline_func(adding, experiment_name="to go")
    run = result.wait_for_run_completion(timeout=60)

    client.archive_run(run.run_id)
    archived = client.get_run(run.run_id).storage_state
    client.unarchive_run(run.run_id)
    assert (archived, client.get_run(run.run_id).storage_state) == ("ARCHIVED", "AVAILABLE")
    client.delete_run(run.run_id)
    with pytest.raises(NotFoundError, match=run.run_id):
        client.get_run(run.run_id)
    client.archive_experiment(run.experiment_id)
    client.unarchive_experiment(run.experiment_id)
    client.delete_experiment(run.experiment_id)


def test_a_terminated_run_ends_the_waiting(client: Client) -> None:
    result = hanging(client)
    stopper = threading.Timer(0.1, client.terminate_run, [result.run_id])
    stopper.start()

    done = result.wait_for_run_completion(timeout=60)

    stopper.join()
    assert (done.state, done.error.code if done.error else None) == ("FAILED", 1)
    client.terminate_run(result.run_id)  # does nothing


def test_waiting_gives_up_when_it_was_told_to(client: Client) -> None:
    result = hanging(client)

    with pytest.raises(TimeoutError, match=result.run_id):
        result.wait_for_run_completion(timeout=0.3)

    client.terminate_run(result.run_id)
    result.wait_for_run_completion(timeout=60)


def test_a_run_is_followed_from_any_point_to_its_end(client: Client) -> None:
    run_id = client.create_run_from_pipeline_func(adding, {"a": 41}).run_id

    events = [notice for notice in client.follow_run(run_id) if isinstance(notice, RunEvent)]

    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert (events[0].kind.value, events[-1].kind.value) == ("run.created", "run.ended")
    assert [one for one in client.follow_run(run_id, after=3) if isinstance(one, RunEvent)] == events[3:]


def test_the_log_of_an_attempt_is_read_on_from_a_byte(client: Client) -> None:
    run_id = client.create_run_from_pipeline_func(adding, {"a": 42}).run_id
    started = {
        event.task: event.body["attempt"]
        for event in client.follow_run(run_id)
        if isinstance(event, RunEvent) and event.kind.value == "task.started"
    }

    attempt = started["root/add"]
    assert client.get_attempt_log(run_id, attempt) == b"adding 42 2\n"
    assert client.get_attempt_log(run_id, attempt, from_byte=7) == b"42 2\n"
    assert client.get_attempt_log(run_id, attempt, from_byte=12) == b""
    with pytest.raises(NotFoundError):
        client.get_attempt_log(run_id, "../../secret")


def test_what_the_server_refuses_comes_as_our_errors_with_hints(client: Client, package: str) -> None:
    client.upload_pipeline(package, "taken")

    with pytest.raises(AlreadyExistsError, match="taken") as taken:
        client.upload_pipeline(package, "taken")
    assert taken.value.hint
    with pytest.raises(InvalidArgumentError, match="'nope'"):
        client.create_run_from_pipeline_func(adding, {"nope": 1})
    with pytest.raises(NotBuiltError, match="recurring"):
        client.create_recurring_run("e", "j", interval_second=60, pipeline_package_path=package)
    with pytest.raises(NotBuiltError):
        client.list_recurring_runs()


def test_wrong_use_is_refused_before_anything_is_sent(package: str) -> None:
    client = Client("http://127.0.0.1:9")

    for call in (
        lambda: client.run_pipeline("e", "j"),
        lambda: client.run_pipeline("e", "j", pipeline_id="p"),
        lambda: client.create_run_from_pipeline_package(package, experiment_name="a", experiment_id="b"),
        lambda: client.get_run(""),
        lambda: client.create_run_from_pipeline_func(add.python_func),
        lambda: client.run_pipeline("e", "j", package, params={"a": object()}),
        lambda: Client(kube_context="c"),
        lambda: Client(client_id="c"),
    ):
        with pytest.raises(InvalidArgumentError):
            call()


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(ServerUnreachableError, match=r"http://127\.0\.0\.1:9"):
        Client("127.0.0.1:9").list_runs()


def test_without_a_host_the_server_of_the_state_folder_is_found(
    server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHERRY_STATE", str(server.command.state))

    assert Client().host == server.url


def test_a_namespace_does_no_harm(server: Served) -> None:
    client = Client(server.url, namespace="team")
    client.set_user_namespace("other")

    result = client.create_run_from_pipeline_func(adding, namespace="team", experiment_name="in a namespace")

    assert client.get_user_namespace() == "other"
    assert result.wait_for_run_completion(timeout=60).state == "SUCCEEDED"
    assert client.list_experiments(namespace="team").total_size > 0


def test_a_server_that_asks_for_a_token_is_shown_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(tmp_path / "state", "--require-token") as strict:
        with pytest.raises(UnauthenticatedError) as refused:
            Client(strict.url).list_runs()
        token = (strict.command.state / "server" / "token").read_text().strip()
        named = Client(strict.url, existing_token=token).list_runs()
        monkeypatch.setenv("WHERRY_STATE", str(strict.command.state))
        found = Client().list_runs()

    assert "WHERRY_TOKEN" in refused.value.hint
    assert (named.total_size, found.total_size) == (0, 0)
