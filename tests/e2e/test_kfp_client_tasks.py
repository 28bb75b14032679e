"""kfp inside tasks: its executor's command runs without kfp, in both spellings; a component that asks for kfp has it."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kfp_pipelines import adding, kfp_client, package_of, quiet
from served import Served, served

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from kfp import dsl

pytestmark = quiet()


@dsl.component(base_image="python:3.11", packages_to_install=["kfp==2.17.0"])
def with_kfp(text: str, data: dsl.Output[dsl.Dataset], length: dsl.OutputPath(int)) -> list:
    import sys
    from pathlib import Path

    import kfp
    from kfp.dsl import structures

    Path(data.path).write_text(text)
    Path(length).write_text(str(len(text)))
    data.metadata["kfp"] = kfp.__version__
    return ["kfp.dsl.executor" in sys.modules, "site-packages" in kfp.__file__, structures.InputSpec.__name__]


@dsl.component(base_image="python:3.11")
def without_kfp() -> str:
    import kfp

    return str(getattr(kfp, "__file__", None))


@dsl.pipeline(name="with-kfp")
def asking(text: str = "four"):
    with_kfp(text=text)
    without_kfp()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("tasks") / "state") as running:
        yield running


def outputs(server: Served, package: str) -> dict[str, Any]:
    """Every output parameter of a run of a package, by ``task.output``."""
    client = kfp_client(server.url)
    run_id = client.create_run_from_pipeline_package(package, enable_caching=False).run_id
    done = client.wait_for_run_completion(run_id, timeout=240, sleep_duration=0.1)
    tasks = server.get(f"/runs/{run_id}/tasks").json["tasks"]
    assert done.state == "SUCCEEDED", [task.get("status_metadata") for task in tasks]
    return {
        f"{task['name']}.{one['parameter_key']}": one["value"]
        for task in tasks
        for one in task.get("outputs", {}).get("parameters", ())
        if task["type"] == "RUNTIME"
    }


@pytest.mark.parametrize(
    ("written", "older"),
    [
        ("_KFP_RUNTIME=true python3 -m kfp.dsl.executor_main", "python3 -m kfp.components.executor_main"),
        ("kfp.dsl.executor_main", "kfp.components.executor_main"),
        ("kfp==2.17.0", "kfp==2.0.1"),
    ],
    ids=["of 2.0", "in the old package", "another version"],
)
def test_commands_of_older_kfps_are_recognised(server: Served, tmp_path: Path, written: str, older: str) -> None:
    path = Path(package_of(adding, tmp_path))
    text = path.read_text()
    assert written in text
    path.write_text(text.replace(written, older))

    assert outputs(server, str(path)) == {"add.Output": 3, "add-2.Output": 5}
    assert [one for one in (server.command.state / "environments").rglob("kfp") if one.is_dir()] == []


@pytest.mark.slow
def test_a_component_that_asks_for_kfp_is_run_by_kfp_itself(server: Served, tmp_path: Path) -> None:
    assert outputs(server, package_of(asking, tmp_path)) == {
        "with-kfp.Output": [True, True, "InputSpec"],
        "with-kfp.length": 4,
        "without-kfp.Output": "None",
    }
