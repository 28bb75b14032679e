"""What a component is told of its own task's settings."""

from __future__ import annotations

from datetime import UTC, datetime

from wherry.engine.task_config import TaskConfigInput, task_config, task_config_input
from wherry.ir.executor_io import ExecutorInput, ExecutorInputs
from wherry.ir.placeholders import Placeholders, RunFacts
from wherry.ir.spec import (
    AcceleratorConfig,
    ComponentInputsSpec,
    ComponentSpec,
    InputParameterSpec,
    Json,
    ParameterType,
    ResourceSpec,
    TaskConfigPassthrough,
    TaskConfigPassthroughField,
)

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
RESOURCES, ENV = TaskConfigPassthroughField.RESOURCES, TaskConfigPassthroughField.ENV


def told(
    *fields: TaskConfigPassthroughField, env: dict[str, str] | None = None, resources: ResourceSpec | None = None
) -> dict[str, Json]:
    wanted = TaskConfigInput(name="config", fields=frozenset(fields), only_told=frozenset())
    seen = ExecutorInput(inputs=ExecutorInputs(parameter_values={"cpu": "2"}))
    return task_config(wanted, env=env or {}, resources=resources, placeholders=Placeholders(seen, FACTS))


def test_a_component_names_its_input_and_what_it_is_told() -> None:
    component = ComponentSpec(
        input_definitions=ComponentInputsSpec(
            parameters={"config": InputParameterSpec(parameter_type=ParameterType.TASK_CONFIG)}
        ),
        task_config_passthroughs=(
            TaskConfigPassthrough(field=RESOURCES),
            TaskConfigPassthrough(field=ENV, apply_to_task=True),
        ),
    )

    assert task_config_input(component) == TaskConfigInput(
        name="config", fields=frozenset({RESOURCES, ENV}), only_told=frozenset({RESOURCES})
    )
    assert task_config_input(ComponentSpec()) is None


def test_resources_are_told_in_the_words_of_a_pod() -> None:
    resources = ResourceSpec(
        resource_cpu_limit="{{$.inputs.parameters['cpu']}}",
        cpu_limit=2.0,
        memory_request=0.5,
        accelerator=AcceleratorConfig(resource_type="nvidia.com/gpu", resource_count="1"),
    )

    assert told(RESOURCES, resources=resources) == {
        "resources": {"limits": {"cpu": "2", "nvidia.com/gpu": "1"}, "requests": {"memory": "0.5G"}}
    }


def test_the_environment_is_told_as_a_list() -> None:
    assert told(ENV, env={"A": "1"}) == {"env": [{"name": "A", "value": "1"}]}


def test_what_is_not_passed_is_not_told() -> None:
    assert told(env={"A": "1"}, resources=ResourceSpec(cpu_limit=1.0)) == {}
