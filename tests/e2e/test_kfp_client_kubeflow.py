"""kfp.kubeflow_client.PipelinesClient, the face that the Kubeflow SDK shows, on a server."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kfp_pipelines import adding, failing, package_of, quiet, waiting
from served import Served, served

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from kfp.kubeflow_client import KubernetesBackendConfig, PipelinesClient, constants

pytestmark = quiet()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("kubeflow") / "state") as running:
        yield running


@pytest.fixture(scope="module", params=["", "someone"])
def client(server: Served, request: pytest.FixtureRequest) -> Any:
    """Without a namespace, and with one that a shared Kubeflow would have given."""
    return PipelinesClient(KubernetesBackendConfig(base_url=server.url, namespace=request.param or None))


def ended(client: Any, run: Any, *states: str) -> Any:
    return client.wait_for_run_status(
        run, status=set(states) or {constants.RUN_SUCCEEDED}, timeout=60, polling_interval=0.05
    )


def test_a_pipeline_is_uploaded_run_by_name_and_deleted(client: Any) -> None:
    first = client.upload_pipeline(adding, name="by name", version="v1", description="d")
    second = client.upload_pipeline(adding, name="by name", version="v2")

    assert (first.display_name, second.display_name) == ("v1", "v2")
    assert client.get_pipeline("by name").pipeline_id == first.pipeline_id == second.pipeline_id
    assert client.get_pipeline_version("by name", "v1").pipeline_version_id == first.pipeline_version_id
    assert [one.display_name for one in client.list_pipeline_versions("by name").pipeline_versions] == ["v1", "v2"]
    newest = ended(client, client.run("by name", params={"a": 3}))
    assert newest.pipeline_version_reference.pipeline_version_id == second.pipeline_version_id
    older = ended(client, client.run("by name", version="v1"))
    assert older.pipeline_version_reference.pipeline_version_id == first.pipeline_version_id
    of_it = {one.run_id for one in client.list_runs(pipeline="by name", page_size=50).runs}
    assert of_it == {newest.run_id, older.run_id}
    with pytest.raises(ValueError, match="multiple versions"):
        client.delete_pipeline("by name")
    client.delete_pipeline("by name", version="v2")
    client.delete_pipeline("by name", force=True)
    with pytest.raises(ValueError, match="not found"):
        client.get_pipeline("by name")


def test_a_function_and_a_file_are_run_without_an_upload(client: Any, tmp_path: Path) -> None:
    experiment = client.create_experiment("inline", description="d")
    by_function = client.run(adding, params={"a": 1}, name="by function", experiment="inline")
    by_file = client.run(package_of(adding, tmp_path), experiment="inline")

    assert [ended(client, one).state for one in (by_function, by_file)] == ["SUCCEEDED", "SUCCEEDED"]
    assert client.get_run(by_function.run_id).display_name == "by function"
    assert client.get_experiment("inline").experiment_id == experiment.experiment_id
    assert experiment.experiment_id in [one.experiment_id for one in client.list_experiments(page_size=50).experiments]
    assert {by_function.run_id, by_file.run_id} == {one.run_id for one in client.list_runs(experiment="inline").runs}
    client.delete_experiment("inline")
    with pytest.raises(ValueError, match="not found"):
        client.get_experiment("inline")


def test_a_failed_and_a_terminated_run_end_the_wait(client: Any) -> None:
    failed = ended(client, client.run(failing))
    waits = client.run(waiting)
    ended(client, waits, constants.RUN_RUNNING)
    client._backend.run_api.run_service_terminate_run(waits.run_id)

    assert (failed.state, ended(client, waits).state) == ("FAILED", "FAILED")
    assert failed.run_id in [one.run_id for one in client.list_runs(status="failed", page_size=50).runs]
