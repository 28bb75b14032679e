"""The stock kfp client, unmodified, against a real server."""

import json
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kfp_pipelines import adding, failing, kfp_client, package_of, quiet, waiting, writing
from served import Served, served

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import kfp
    from kfp_server_api import ApiException

pytestmark = quiet()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("kfp") / "state") as running:
        yield running


@pytest.fixture
def client(server: Served, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    # kfp looks the home folder up once, when it is imported.
    monkeypatch.setattr(kfp.Client, "_LOCAL_KFP_CONTEXT", str(tmp_path / "context.json"))
    return kfp_client(server.url)


@pytest.fixture
def package(tmp_path: Path) -> str:
    return package_of(adding, tmp_path)


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


def test_a_run_that_has_nothing_left_to_do_cannot_be_retried(client) -> None:
    run_id = client.create_run_from_pipeline_func(adding).run_id
    assert ended(client, run_id).state == "SUCCEEDED"

    with pytest.raises(ApiException) as refused:
        client.runs.run_service_retry_run(run_id)

    assert (refused.value.status, json.loads(refused.value.body)["code"]) == (409, 10)


def test_a_run_that_has_not_ended_cannot_be_retried(client) -> None:
    run_id = client.create_run_from_pipeline_func(waiting).run_id

    with pytest.raises(ApiException) as refused:
        client.runs.run_service_retry_run(run_id)
    client.terminate_run(run_id)

    assert (refused.value.status, json.loads(refused.value.body)["code"]) == (409, 10)
    ended(client, run_id)


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


def test_a_context_file_with_a_namespace_does_no_harm(client, server: Served, package: str) -> None:
    client.set_user_namespace("someone")
    again = kfp_client(server.url)

    assert again.get_user_namespace() == "someone"
    run = again.create_run_from_pipeline_func(adding, experiment_name="spaces", namespace="someone")
    assert ended(again, run.run_id).state == "SUCCEEDED"
    pipeline = again.upload_pipeline(package, "in a space", namespace="someone")
    assert pipeline.pipeline_id in [one.pipeline_id for one in again.list_pipelines(namespace="someone").pipelines]
    experiment = again.get_experiment(experiment_name="spaces", namespace="someone")
    listed = again.list_runs(namespace="someone", experiment_id=experiment.experiment_id).runs
    assert [one.run_id for one in listed] == [run.run_id]


def test_a_pipeline_is_uploaded_from_a_function_and_run_by_its_newest_version(client) -> None:
    pipeline = client.upload_pipeline_from_pipeline_func(adding, pipeline_name="from a function", description="d")
    version = client.upload_pipeline_version_from_pipeline_func(
        adding, pipeline_version_name="v2", pipeline_name="from a function"
    )

    run = client.run_pipeline(
        client.create_experiment("functions").experiment_id,
        "newest",
        pipeline_id=pipeline.pipeline_id,
        version_id=version.pipeline_version_id,
    )
    assert ended(client, run.run_id).state == "SUCCEEDED"
    newest = client.list_pipeline_versions(pipeline.pipeline_id, sort_by="created_at desc", page_size=1)
    assert newest.pipeline_versions[0].pipeline_version_id == version.pipeline_version_id


def test_a_package_with_platform_settings_is_uploaded_and_run(client, tmp_path: Path) -> None:
    path = package_of(writing, tmp_path)
    pipeline = client.upload_pipeline(path, "with settings")
    (version,) = client.list_pipeline_versions(pipeline.pipeline_id).pipeline_versions

    by_file = client.create_run_from_pipeline_package(path, run_name="by file")
    by_reference = client.run_pipeline(
        client.create_experiment("settings").experiment_id,
        "by reference",
        pipeline_id=pipeline.pipeline_id,
        version_id=version.pipeline_version_id,
    )

    assert [ended(client, one.run_id).state for one in (by_file, by_reference)] == ["SUCCEEDED", "SUCCEEDED"]


def test_a_run_without_reuse_runs_everything_again(client) -> None:
    def states(**options: Any) -> dict[str, str]:
        run = client.create_run_from_pipeline_func(adding, arguments={"a": 41}, experiment_name="reuse", **options)
        details = ended(client, run.run_id).run_details.task_details
        return {one.display_name: one.state for one in details if one.display_name != "root"}

    assert states() == {"add": "SUCCEEDED", "add-2": "SUCCEEDED"}
    assert states() == {"add": "SKIPPED", "add-2": "SKIPPED"}
    assert states(enable_caching=False) == {"add": "SUCCEEDED", "add-2": "SUCCEEDED"}


def test_a_remote_pipeline_root_is_replaced_and_the_run_says_so(client, server: Served) -> None:
    run_id = client.create_run_from_pipeline_func(adding, pipeline_root="gs://bucket/root").run_id

    assert ended(client, run_id).state == "SUCCEEDED"
    warnings_ = [one["body"]["message"] for one in server.events(run_id) if one["kind"] == "warning"]
    assert len(warnings_) == 1
    assert "'gs://bucket/root'" in warnings_[0]


def test_runs_are_filtered_by_state_and_by_when_they_were_made(client) -> None:
    experiment = client.create_experiment("states").experiment_id
    failed, succeeded = (
        client.create_run_from_pipeline_func(one, experiment_id=experiment).run_id for one in (failing, adding)
    )
    when = ended(client, failed).created_at
    ended(client, succeeded)

    def found(**predicate: Any) -> list[str]:
        text = json.dumps({"predicates": [predicate]})
        return [one.run_id for one in client.list_runs(experiment_id=experiment, filter=text).runs or ()]

    assert found(operation="EQUALS", key="state", stringValue="FAILED") == [failed]
    assert found(operation="IN", key="state", string_values={"values": ["SUCCEEDED", "PAUSED"]}) == [succeeded]
    assert found(operation="IS_SUBSTRING", key="name", string_value="no such name") == []
    assert sorted(found(operation="GREATER_THAN_EQUALS", key="created_at", timestamp_value=when.isoformat())) == sorted(
        [failed, succeeded]
    )
    assert found(operation=1, key="storage_state", stringValue="ARCHIVED") == []


def test_an_argument_that_is_missing_or_wrong_is_a_400_that_names_it(client, package: str) -> None:
    with pytest.raises(ApiException) as unknown:
        client.create_run_from_pipeline_package(package, arguments={"nobody": 1})
    with pytest.raises(ApiException) as wrong:
        client.create_run_from_pipeline_package(package, arguments={"a": "five"})

    assert (unknown.value.status, wrong.value.status) == (400, 400)
    assert "nobody" in unknown.value.body
    assert "'a'" in wrong.value.body


def test_everything_of_an_experiment_is_archived_with_it(client) -> None:
    experiment = client.create_experiment("to archive").experiment_id
    run_id = client.create_run_from_pipeline_func(adding, experiment_id=experiment).run_id
    ended(client, run_id)

    client.archive_experiment(experiment)

    assert client.get_run(run_id).storage_state == "ARCHIVED"
    with pytest.raises(ApiException) as caught:
        client.unarchive_run(run_id)
    assert caught.value.status == 400


@pytest.mark.parametrize("prefix", ["", "/pipeline"])
def test_the_links_that_the_client_prints_lead_to_a_page(
    server: Served, package: str, capsys: pytest.CaptureFixture[str], prefix: str
) -> None:
    client = kfp_client(server.url + prefix)
    client.upload_pipeline(package, f"linked{prefix}")
    run = client.create_run_from_pipeline_func(adding, experiment_name=f"linked{prefix}")

    printed = re.findall(r"https?://\S+?(?=[\s\"]|$)", capsys.readouterr().out)
    assert [link.removeprefix(server.url).partition("details/")[0] for link in printed] == [
        f"{prefix}/#/pipelines/",
        f"{prefix}/#/experiments/",
        f"{prefix}/#/runs/",
    ]
    assert printed[-1].endswith(run.run_id)
    for link in printed:
        # What stands behind the # stays in the browser: it is for the page to read.
        answer = server.call("GET", link.removeprefix(server.url).partition("#")[0])
        assert (answer.status, answer.headers.get_content_type()) == (200, "text/html")


@pytest.mark.parametrize("path", ["/pipeline", "/pipeline/", "/_/pipeline/", "/_/"])
def test_addresses_of_kubeflows_dashboard_are_sent_on_to_the_interface(server: Served, path: str) -> None:
    answer = server.call("GET", path)

    assert (answer.status, answer.headers.get_content_type()) == (200, "text/html")


def test_the_log_of_a_task_is_at_kfps_address_too(client, server: Served) -> None:
    run_id = client.create_run_from_pipeline_func(adding, enable_caching=False).run_id
    details = ended(client, run_id).run_details.task_details
    (task,) = [one.task_id for one in details if one.display_name == "add"]

    answer = server.call("GET", f"/apis/v1alpha1/runs/{run_id}/nodes/{task}/log?follow=false")

    assert (answer.status, answer.body.decode()) == (200, "adding 1 2\n")
    assert server.call("GET", f"/apis/v1alpha1/runs/{run_id}/nodes/nowhere/log").status == 404


def test_a_full_view_has_the_tasks_of_kfp_3(client, server: Served) -> None:
    run_id = client.create_run_from_pipeline_func(adding, experiment_name="views").run_id
    ended(client, run_id)
    experiment = client.get_experiment(experiment_name="views").experiment_id

    def names(run: dict[str, Any]) -> list[tuple[str, str]]:
        return sorted((task["name"], task["type"]) for task in run.get("tasks", ()))

    full = [("add", "RUNTIME"), ("add-2", "RUNTIME"), ("adding", "ROOT")]
    assert names(server.get(f"/runs/{run_id}?view=FULL").json) == full
    assert names(server.get(f"/runs/{run_id}").json) == []
    listed = server.get(f"/runs?experiment_id={experiment}&view=FULL").json["runs"]
    assert [names(one) for one in listed] == [full]
    assert server.get(f"/runs/{run_id}?view=MOST").status == 400


def test_a_client_that_shows_the_token_is_let_in(tmp_path: Path) -> None:
    with served(tmp_path / "state", "--require-token") as locked:
        token = (tmp_path / "state/server/token").read_text().strip()
        client = kfp_client(locked.url, existing_token=token)

        run_id = client.create_run_from_pipeline_func(adding, experiment_name="locked").run_id
        assert ended(client, run_id).state == "SUCCEEDED"
        with pytest.raises(ApiException) as caught:
            kfp_client(locked.url, existing_token=token[:-1]).list_runs()
        assert caught.value.status == 401
