from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from wherry.engine.driver import InputError
from wherry.engine.planning import plan_run
from wherry.engine.requests import executor_input, launch_request
from wherry.ir.placeholders import RunFacts
from wherry.ir.spec import ContainerSpec, EnvVar, ResourceSpec
from wherry.model.identity import AttemptId, RunId, TaskKey
from wherry.model.runs import TaskInputs
from wherry.ports import LaunchRequest
from wherry.testing.pipelines import INT, const, pipeline, retries, task

FACTS = RunFacts(
    run_id="run-1",
    run_display_name="my run",
    run_resource_name="run-1",
    task_name="t",
    parent_id="task-0",
    created_at=datetime(2026, 1, 2, tzinfo=UTC),
    scheduled_at=datetime(2026, 1, 2, tzinfo=UTC),
    pipeline_root="/artifacts",
)


def request(container: ContainerSpec | None = None, *, number: int = 1, **fields: Any) -> LaunchRequest:
    """The request for attempt ``number`` of a task with an input ``n`` of 3 and an output ``o``."""
    one = task("t", reads={"n": const(3)}, makes=["o"], types={"o": INT}, container=container, **fields)
    plan = plan_run(pipeline(one)).root.tasks[0]
    told = executor_input(plan, TaskInputs(parameters={"n": 3}), {}, lambda *parts: "/".join(("/root", *parts)))
    return launch_request(
        plan,
        TaskKey("root/t"),
        told,
        FACTS,
        run_id=RunId("run-1"),
        attempt_id=AttemptId("abc"),
        number=number,
    )


def test_a_request_holds_the_command_as_written_and_as_resolved() -> None:
    container = ContainerSpec(
        image="img:{{$.inputs.parameters['n']}}",
        command=("run", "{{$.inputs.parameters['n']}}"),
        args=('{"IfPresent": {"InputName": "n", "Then": ["--n", "yes"]}}', '{"Concat": ["a", "b"]}'),
    )

    found = request(container)
    assert found.image == "img:3"
    assert found.command == (*container.command, *container.args)
    assert found.resolved_command == ("run", "3", "--n", "yes", "ab")


def test_a_request_tells_where_outputs_go_and_of_what_type_they_are() -> None:
    found = request()

    assert json.loads(found.executor_input) == {
        "inputs": {"parameterValues": {"n": 3}},
        "outputs": {"parameters": {"o": {"outputFile": "/root/outputs/o"}}, "outputFile": "/root/executor_output.json"},
    }
    assert found.output_types == {"o": "NUMBER_INTEGER"}
    assert found.resolved_command == ("run", "t", found.executor_input.decode())


def test_environment_and_limits_are_resolved() -> None:
    container = ContainerSpec(
        image="i",
        env=(EnvVar(name="N", value="{{$.inputs.parameters['n']}}"),),
        resources=ResourceSpec(resource_cpu_limit="500m", resource_memory_limit="{{$.inputs.parameters['n']}}Gi"),
    )

    found = request(container, timeout_seconds=60)
    assert found.env == {"N": "3", "KFP_POD_NAME": "abc", "KFP_POD_UID": "abc"}
    assert (found.cpu_limit, found.memory_limit, found.timeout_seconds) == (0.5, 3 << 30, 60.0)


def test_the_older_numeric_limits_are_cores_and_gigabytes() -> None:
    found = request(ContainerSpec(image="i", resources=ResourceSpec(cpu_limit=2.0, memory_limit=1.5)))

    assert (found.cpu_limit, found.memory_limit) == (2.0, 1_500_000_000)


def test_a_task_with_a_retry_policy_is_told_which_try_it_is() -> None:
    assert request(retry=retries(3), number=2).env["KFP_RETRY_INDEX"] == "1"
    assert "KFP_RETRY_INDEX" not in request().env


@pytest.mark.parametrize(
    ("container", "message"),
    [
        (ContainerSpec(image="i", args=("{{$.inputs.parameters['m']}}",)), "asks for input parameter 'm'"),
        (
            ContainerSpec(image="i", resources=ResourceSpec(resource_cpu_limit="lots")),
            "its CPU limit is 'lots', which is no quantity",
        ),
    ],
)
def test_what_cannot_be_resolved_is_named(container: ContainerSpec, message: str) -> None:
    with pytest.raises(InputError) as error:
        request(container)

    assert message in error.value.message
