"""kfp-server-api, the generated client below kfp.Client, calls every operation and decodes every answer."""

import datetime as dt
import json
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kfp_pipelines import adding, failing, package_of, quiet, waiting, writing
from served import Served, served

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import kfp_server_api as api
    import yaml

pytestmark = quiet()

LONG_AGO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Calls:
    """The generated client's services on one server; every answer is also compared with its JSON, key by key."""

    def __init__(self, url: str) -> None:
        self._client = api.ApiClient(api.Configuration(host=url))
        self.experiments = api.ExperimentServiceApi(self._client)
        self.pipelines = api.PipelineServiceApi(self._client)
        self.uploads = api.PipelineUploadServiceApi(self._client)
        self.runs = api.RunServiceApi(self._client)
        self.recurring_runs = api.RecurringRunServiceApi(self._client)
        self.health = api.HealthzServiceApi(self._client)
        self.auth = api.AuthServiceApi(self._client)

    def __call__(self, method: Any, *arguments: Any, **options: Any) -> Any:
        """Call, and check that the client knows everything that was sent, and reads it as it was sent."""
        answer = method(*arguments, **options)
        sent = json.loads(self._client.last_response.data)
        if hasattr(answer, "attribute_map"):
            assert unlike(answer, sent, type(answer).__name__) == []
        else:
            assert (answer, sent) == ({}, {})
        return answer

    def ended(self, run_id: str) -> Any:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            run = self(self.runs.run_service_get_run, run_id)
            if run.finished_at != LONG_AGO:
                return run
            time.sleep(0.05)
        raise TimeoutError(run_id)


def unlike(model: Any, sent: dict[str, Any], where: str) -> list[str]:
    """What of an answer the client does not know, or reads as something else."""
    names = {key: name for name, key in model.attribute_map.items()}
    found = [f"{where}.{key} is unknown" for key in sent if key not in names]
    for key, value in sent.items():
        read = getattr(model, names[key]) if key in names else None
        if isinstance(read, list) and isinstance(value, list) and len(read) == len(value):
            for one, other in zip(read, value, strict=True):
                found += differences(one, other, f"{where}.{key}[]")
        elif key in names:
            found += differences(read, value, f"{where}.{key}")
    return found


def differences(read: Any, sent: Any, where: str) -> list[str]:
    if hasattr(read, "attribute_map"):
        return unlike(read, sent, where)
    if isinstance(read, dt.datetime):
        return [] if read == dt.datetime.fromisoformat(sent) else [f"{where} is {sent!r}, read as {read!r}"]
    if isinstance(read, dict) and any(hasattr(one, "attribute_map") for one in read.values()):
        return [text for name, one in read.items() for text in unlike(one, sent[name], f"{where}.{name}")]
    return [] if read == sent else [f"{where} is {sent!r}, read as {read!r}"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("generated") / "state") as running:
        yield running


@pytest.fixture
def calls(server: Served) -> Calls:
    return Calls(server.url)


def spec_of(pipeline: Any, folder: Path) -> Any:
    documents = list(yaml.safe_load_all(Path(package_of(pipeline, folder)).read_text()))
    return documents[0] if len(documents) == 1 else {"pipeline_spec": documents[0], "platform_spec": documents[1]}


def run_of(pipeline: Any, folder: Path, name: str, **fields: Any) -> Any:
    return api.V2beta1Run(display_name=name, pipeline_spec=spec_of(pipeline, folder), **fields)


def test_health_and_authorization_are_answered(calls: Calls, server: Served) -> None:
    health = calls.health.healthz_service_get_healthz()

    assert (health.multi_user, health.pipeline_store) == (False, "database")
    assert {"commit_sha", "tag_name", "multi_user"} <= server.get("/healthz").json.keys()
    calls(calls.auth.auth_service_authorize, namespace="x", resources="VIEWERS", verb="GET")


def test_every_call_about_experiments_is_decoded(calls: Calls) -> None:
    service = calls.experiments
    made = calls(
        service.experiment_service_create_experiment,
        api.V2beta1Experiment(display_name="generated", description="by hand", namespace="someone"),
    )

    assert (made.display_name, made.description, made.storage_state) == ("generated", "by hand", "AVAILABLE")
    assert made.created_at > LONG_AGO
    assert calls(service.experiment_service_get_experiment, made.experiment_id) == made
    listed = calls(service.experiment_service_list_experiments, page_size=50, sort_by="created_at desc", namespace="x")
    assert made in listed.experiments
    assert listed.total_size == len(listed.experiments)
    calls(service.experiment_service_archive_experiment, made.experiment_id)
    assert calls(service.experiment_service_get_experiment, made.experiment_id).storage_state == "ARCHIVED"
    calls(service.experiment_service_unarchive_experiment, made.experiment_id)
    calls(service.experiment_service_delete_experiment, made.experiment_id)


def test_the_default_experiment_stays_with_a_409_as_on_kfp(calls: Calls) -> None:
    listed = calls(calls.experiments.experiment_service_list_experiments, page_size=50)
    (default,) = [one for one in listed.experiments if one.display_name == "Default"]

    with pytest.raises(api.ApiException) as caught:
        calls.experiments.experiment_service_delete_experiment(default.experiment_id)

    assert (caught.value.status, json.loads(caught.value.body)["code"]) == (409, 10)


def test_every_call_about_pipelines_is_decoded(calls: Calls, tmp_path: Path) -> None:
    service = calls.pipelines
    made = calls(
        service.pipeline_service_create_pipeline,
        api.V2beta1Pipeline(display_name="By hand", name="by-hand", description="d", tags={"team": "a"}),
    )

    assert (made.name, made.display_name, made.description, made.tags) == ("by-hand", "By hand", "d", {"team": "a"})
    assert calls(service.pipeline_service_get_pipeline, made.pipeline_id) == made
    assert calls(service.pipeline_service_get_pipeline_by_name, "by-hand", namespace="x") == made
    assert made in calls(service.pipeline_service_list_pipelines, page_size=50).pipelines
    changed = calls(
        service.pipeline_service_update_pipeline,
        made.pipeline_id,
        api.V2beta1Pipeline(display_name="Renamed", tags={"team": "b"}),
    )
    assert (changed.display_name, changed.tags) == ("Renamed", {"team": "b"})
    version = calls(
        service.pipeline_service_create_pipeline_version,
        made.pipeline_id,
        api.V2beta1PipelineVersion(
            display_name="First", name="first", code_source_url="https://e.org", pipeline_spec=spec_of(adding, tmp_path)
        ),
    )
    assert (version.name, version.display_name, version.code_source_url) == ("first", "First", "https://e.org")
    got = calls(service.pipeline_service_get_pipeline_version, made.pipeline_id, version.pipeline_version_id)
    assert got.pipeline_spec["pipelineInfo"] == {"name": "adding"}
    listed = calls(service.pipeline_service_list_pipeline_versions, made.pipeline_id, page_size=1)
    assert [one.pipeline_version_id for one in listed.pipeline_versions] == [version.pipeline_version_id]
    renamed = calls(
        service.pipeline_service_update_pipeline_version,
        made.pipeline_id,
        version.pipeline_version_id,
        api.V2beta1PipelineVersion(display_name="1st"),
    )
    assert renamed.display_name == "1st"
    with pytest.raises(api.ApiException) as caught:
        service.pipeline_service_delete_pipeline(made.pipeline_id)
    assert caught.value.status == 400
    assert "cascade" in caught.value.body
    calls(service.pipeline_service_delete_pipeline_version, made.pipeline_id, version.pipeline_version_id)
    calls(service.pipeline_service_delete_pipeline, made.pipeline_id)


def test_a_pipeline_and_its_version_are_created_at_once(calls: Calls, tmp_path: Path) -> None:
    made = calls(
        calls.pipelines.pipeline_service_create_pipeline_and_version,
        api.V2beta1CreatePipelineAndVersionRequest(
            pipeline=api.V2beta1Pipeline(display_name="both at once"),
            pipeline_version=api.V2beta1PipelineVersion(pipeline_spec=spec_of(writing, tmp_path)),
        ),
    )

    listed = calls(calls.pipelines.pipeline_service_list_pipeline_versions, made.pipeline_id).pipeline_versions
    (first,) = listed
    spec = calls(
        calls.pipelines.pipeline_service_get_pipeline_version, made.pipeline_id, first.pipeline_version_id
    ).pipeline_spec
    assert spec["pipeline_spec"]["pipelineInfo"] == {"name": "writing"}
    assert spec["platform_spec"]["platforms"]["kubernetes"]["pipelineConfig"] == {"resourceTtlOnCompletion": 60}


def test_uploads_are_decoded(calls: Calls, tmp_path: Path) -> None:
    package = package_of(adding, tmp_path)
    made = calls(
        calls.uploads.upload_pipeline,
        package,
        name="uploaded",
        display_name="Uploaded",
        description="d",
        namespace="x",
        tags='{"team":"a"}',
    )
    version = calls(calls.uploads.upload_pipeline_version, package, name="v2", pipelineid=made.pipeline_id)

    assert (made.name, made.display_name, made.tags) == ("uploaded", "Uploaded", {"team": "a"})
    assert (version.name, version.pipeline_id) == ("v2", made.pipeline_id)


def test_every_call_about_runs_is_decoded(calls: Calls, tmp_path: Path) -> None:
    service = calls.runs
    made = calls(
        service.run_service_create_run,
        run_of(
            adding,
            tmp_path,
            "by hand",
            description="d",
            service_account="me",
            runtime_config=api.V2beta1RuntimeConfig(parameters={"a": 5}, pipeline_root="gs://bucket/root"),
        ),
    )

    done = calls.ended(made.run_id)
    assert (made.state, done.state, done.storage_state) == ("PENDING", "SUCCEEDED", "AVAILABLE")
    assert (done.display_name, done.description, done.service_account) == ("by hand", "d", "me")
    assert done.runtime_config.parameters == {"a": 5}
    assert done.created_at <= done.scheduled_at <= done.finished_at
    assert [one.state for one in done.state_history] == ["PENDING", "RUNNING", "SUCCEEDED"]
    assert sorted(one.display_name for one in done.run_details.task_details) == ["add", "add-2", "root"]
    root = next(one for one in done.run_details.task_details if one.display_name == "root")
    assert {one.task_id for one in root.child_tasks} == {
        one.task_id for one in done.run_details.task_details if one.parent_task_id == root.task_id
    }
    assert done.pipeline_spec["pipelineInfo"] == {"name": "adding"}
    listed = calls(service.run_service_list_runs, page_size=50, experiment_id=done.experiment_id, namespace="x")
    assert done.run_id in [one.run_id for one in listed.runs]
    calls(service.run_service_archive_run, done.run_id)
    assert calls(service.run_service_get_run, done.run_id).storage_state == "ARCHIVED"
    calls(service.run_service_unarchive_run, done.run_id)
    calls(service.run_service_terminate_run, done.run_id)
    assert calls(service.run_service_get_run, done.run_id).state == "SUCCEEDED"
    calls(service.run_service_delete_run, done.run_id)


def test_a_failed_a_terminated_and_a_run_with_artifacts_are_decoded(calls: Calls, tmp_path: Path) -> None:
    failed, waited, wrote = (
        calls(calls.runs.run_service_create_run, run_of(one, tmp_path, one.name)).run_id
        for one in (failing, waiting, writing)
    )

    assert calls.ended(failed).error.message == "task 'fail' failed: component 'fail' raised ValueError: out of luck"
    calls(calls.runs.run_service_terminate_run, waited)
    assert calls.ended(waited).state == "FAILED"
    (write,) = [one for one in calls.ended(wrote).run_details.task_details if one.display_name == "write"]
    assert [len(one.artifact_ids) for one in write.outputs.values()] == [1]
    calls(calls.runs.run_service_retry_run, failed)
    assert [one.state for one in calls.ended(failed).state_history][-1] == "FAILED"


def test_recurring_runs_answer_honestly_until_they_are_built(calls: Calls) -> None:
    body = api.V2beta1RecurringRun(display_name="nightly")
    for method, arguments in (
        (calls.recurring_runs.recurring_run_service_create_recurring_run, (body,)),
        (calls.recurring_runs.recurring_run_service_list_recurring_runs, ()),
        (calls.recurring_runs.recurring_run_service_get_recurring_run, ("x",)),
        (calls.recurring_runs.recurring_run_service_enable_recurring_run, ("x",)),
        (calls.recurring_runs.recurring_run_service_disable_recurring_run, ("x",)),
        (calls.recurring_runs.recurring_run_service_delete_recurring_run, ("x",)),
    ):
        with pytest.raises(api.ApiException) as caught:
            method(*arguments)
        assert caught.value.status == 501
        assert "not built" in json.loads(caught.value.body)["message"]


@pytest.mark.parametrize(
    ("url", "status", "said"),
    [
        ("https://example.org/a.yaml", 403, "not fetched from 'example.org'"),
        ("http://github.com/a.yaml", 403, "only https is"),
        ("https://169.254.169.254/latest/meta-data", 403, "not fetched from '169.254.169.254'"),
        ("a.yaml", 400, "is no URL"),
    ],
)
def test_packages_are_fetched_from_known_hosts_alone(calls: Calls, url: str, status: int, said: str) -> None:
    body = api.V2beta1CreatePipelineAndVersionRequest(
        pipeline=api.V2beta1Pipeline(display_name=f"by {url}"),
        pipeline_version=api.V2beta1PipelineVersion(package_url=api.V2beta1Url(pipeline_url=url)),
    )

    with pytest.raises(api.ApiException) as caught:
        calls.pipelines.pipeline_service_create_pipeline_and_version(body)

    assert caught.value.status == status
    assert said in json.loads(caught.value.body)["message"]


def test_an_error_has_the_shape_of_kfps(calls: Calls) -> None:
    with pytest.raises(api.ApiException) as caught:
        calls.runs.run_service_get_run("nowhere")

    body = json.loads(caught.value.body)
    assert (caught.value.status, body["code"]) == (404, 5)
    assert [(one["@type"], one["code"]) for one in body["details"]] == [("type.googleapis.com/google.rpc.Status", 5)]
    assert "nowhere" in body["message"]
