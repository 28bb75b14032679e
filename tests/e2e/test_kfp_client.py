"""The stock kfp client, unmodified, against a real server."""

import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from served import Served, served

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    kfp = pytest.importorskip("kfp")
    from kfp import compiler, dsl
    from kfp_server_api import ApiException

# kfp warns about itself.
pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::UserWarning")


@dsl.component(base_image="python:3.11")
def add(a: int, b: int = 2) -> int:
    print("adding", a, b)
    return a + b


@dsl.component(base_image="python:3.11")
def wait_long() -> int:
    import time

    time.sleep(600)
    return 1


@dsl.component(base_image="python:3.11")
def fail(why: str) -> int:
    raise ValueError(why)


@dsl.pipeline(name="adding")
def adding(a: int = 1) -> int:
    first = add(a=a)
    return add(a=first.output).output


@dsl.pipeline(name="waiting")
def waiting():
    wait_long()


@dsl.pipeline(name="failing")
def failing():
    fail(why="out of luck")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("kfp") / "state") as running:
        yield running


@pytest.fixture
def client(server: Served, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("HOME", str(tmp_path))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return kfp.Client(host=server.url)


@pytest.fixture
def package(tmp_path: Path) -> str:
    path = tmp_path / "adding.yaml"
    compiler.Compiler().compile(adding, str(path))
    return str(path)


def ended(client, run_id: str):
    return client.wait_for_run_completion(run_id, timeout=60, sleep_duration=0.1)


def test_a_run_from_a_function_succeeds_and_lists_its_tasks(client) -> None:
    result = client.create_run_from_pipeline_func(adding, arguments={"a": 3}, experiment_name="functions")

    done = ended(client, result.run_id)
    assert (done.state, done.error) == ("SUCCEEDED", None)
    tasks = {task.display_name: task.state for task in done.run_details.task_details}
    assert {"add": tasks["add"], "add-2": tasks["add-2"]} == {"add": "SUCCEEDED", "add-2": "SUCCEEDED"}
    assert [change.state for change in done.state_history] == ["PENDING", "RUNNING", "SUCCEEDED"]


def test_a_run_from_a_package_succeeds(client, package: str) -> None:
    result = client.create_run_from_pipeline_package(package, arguments={"a": 5}, experiment_name="packages")

    assert ended(client, result.run_id).state == "SUCCEEDED"


def test_a_run_of_an_uploaded_version_succeeds_and_names_it(client, package: str) -> None:
    pipeline = client.upload_pipeline(package, "uploaded")
    version = client.upload_pipeline_version(package, "second", pipeline_id=pipeline.pipeline_id)
    experiment = client.create_experiment("uploads")

    run = client.run_pipeline(
        experiment.experiment_id,
        "by reference",
        pipeline_id=pipeline.pipeline_id,
        version_id=version.pipeline_version_id,
        params={"a": 9},
    )

    done = ended(client, run.run_id)
    assert done.state == "SUCCEEDED"
    assert done.pipeline_version_reference.pipeline_version_id == version.pipeline_version_id


def test_uploaded_pipelines_are_found_by_name_and_by_filter_and_deleted(client, package: str) -> None:
    pipeline = client.upload_pipeline(package, "to-be-found", description="one of many")

    assert client.get_pipeline_id("to-be-found") == pipeline.pipeline_id
    assert client.get_pipeline(pipeline.pipeline_id).description == "one of many"
    versions = client.list_pipeline_versions(pipeline.pipeline_id).pipeline_versions
    assert [one.display_name for one in versions] == ["to-be-found"]
    spec = client.get_pipeline_version(pipeline.pipeline_id, versions[0].pipeline_version_id).pipeline_spec
    assert spec["pipelineInfo"]["name"] == "adding"
    client.delete_pipeline_version(pipeline.pipeline_id, versions[0].pipeline_version_id)
    client.delete_pipeline(pipeline.pipeline_id)
    assert client.get_pipeline_id("to-be-found") is None


def test_a_taken_pipeline_name_is_a_409_that_says_so(client, package: str) -> None:
    client.upload_pipeline(package, "taken")

    with pytest.raises(ApiException) as caught:
        client.upload_pipeline(package, "taken")

    assert caught.value.status == 409
    assert "taken" in caught.value.body


def test_an_experiment_is_made_once_listed_archived_and_deleted(client) -> None:
    made = client.create_experiment("once", description="for a test")

    assert client.create_experiment("once").experiment_id == made.experiment_id
    assert client.get_experiment(experiment_name="once").description == "for a test"
    client.archive_experiment(made.experiment_id)
    assert client.get_experiment(made.experiment_id).storage_state == "ARCHIVED"
    client.unarchive_experiment(made.experiment_id)
    client.delete_experiment(made.experiment_id)
    with pytest.raises(ApiException) as caught:
        client.get_experiment(made.experiment_id)
    assert caught.value.status == 404


def test_a_terminated_run_ends_failed_with_an_error_that_says_so(client) -> None:
    run_id = client.create_run_from_pipeline_func(waiting, experiment_name="stops").run_id

    client.terminate_run(run_id)

    done = ended(client, run_id)
    assert done.state == "FAILED"
    assert "terminated" in done.error.message


def test_terminating_a_finished_run_changes_nothing(client) -> None:
    run_id = client.create_run_from_pipeline_func(adding, experiment_name="stops").run_id
    ended(client, run_id)

    client.terminate_run(run_id)

    assert client.get_run(run_id).state == "SUCCEEDED"


def test_a_failed_run_says_why_and_can_be_retried(client) -> None:
    run_id = client.create_run_from_pipeline_func(failing, experiment_name="failures").run_id

    done = ended(client, run_id)

    assert done.state == "FAILED"
    errors = {task.display_name: task.error.message for task in done.run_details.task_details if task.error}
    assert "out of luck" in errors["fail"]
    client.runs.run_service_retry_run(run_id)
    assert ended(client, run_id).state == "FAILED"


def test_runs_are_paged_sorted_and_filtered(client) -> None:
    experiment = client.create_experiment("pages")
    ids = [
        client.create_run_from_pipeline_func(
            adding, run_name=f"page {n}", experiment_id=experiment.experiment_id
        ).run_id
        for n in range(3)
    ]
    for run_id in ids:
        ended(client, run_id)

    first = client.list_runs(page_size=2, sort_by="created_at desc", experiment_id=experiment.experiment_id)
    second = client.list_runs(
        page_token=first.next_page_token,
        page_size=2,
        sort_by="created_at desc",
        experiment_id=experiment.experiment_id,
    )

    assert [run.run_id for run in first.runs + second.runs] == ids[::-1]
    assert (first.total_size, second.next_page_token) == (3, None)
    one = '{"predicates":[{"operation":1,"key":"display_name","stringValue":"page 1"}]}'
    assert [run.run_id for run in client.list_runs(filter=one).runs] == [ids[1]]


def test_a_run_is_archived_put_back_and_deleted(client) -> None:
    run_id = client.create_run_from_pipeline_func(adding, experiment_name="archive").run_id
    ended(client, run_id)

    client.archive_run(run_id)
    assert client.get_run(run_id).storage_state == "ARCHIVED"
    client.unarchive_run(run_id)
    assert client.get_run(run_id).storage_state == "AVAILABLE"
    client.delete_run(run_id)
    with pytest.raises(ApiException) as caught:
        client.get_run(run_id)
    assert caught.value.status == 404


def test_a_context_file_with_a_namespace_does_no_harm(client) -> None:
    client.set_user_namespace("someone")

    run_id = client.create_run_from_pipeline_func(adding, experiment_name="spaces", namespace="someone").run_id

    assert ended(client, run_id).state == "SUCCEEDED"


@pytest.mark.parametrize(
    "arguments",
    [("pipeline", "list"), ("run", "list"), ("experiment", "list"), ("experiment", "create", "by-command")],
)
def test_the_kfp_command_works(server: Served, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "kfp"), "--endpoint", server.url, *arguments],
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_kfp_command_creates_a_pipeline_and_a_run(server: Served, tmp_path: Path, package: str) -> None:
    kfp_command = [str(Path(sys.executable).parent / "kfp"), "--endpoint", server.url]
    options = {"env": {**os.environ, "HOME": str(tmp_path)}, "text": True, "timeout": 120}
    subprocess.run([*kfp_command, "pipeline", "create", "-p", "by-command", package], check=True, **options)

    done = subprocess.run(
        [*kfp_command, "run", "create", "-e", "Default", "-r", "by command", "-f", package, "a=4"],
        check=False,
        capture_output=True,
        **options,
    )

    assert done.returncode == 0, done.stdout + done.stderr
