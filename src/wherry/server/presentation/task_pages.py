"""The panel of one task."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from wherry.api.pages import tasks as api
from wherry.api.pages.outcomes import Outcome
from wherry.ir.spec import (
    ComponentInputsSpec,
    ComponentOutputsSpec,
    ComponentSpec,
    ContainerSpec,
    ParameterType,
    PipelinePackage,
    PipelineTaskSpec,
    ResourceSpec,
)
from wherry.model.identity import ArtifactId, AttemptId, TaskId, TaskKey
from wherry.model.outcomes import Failure, Kept, Reused, Succeeded, TaskOutcome
from wherry.model.pages import TaskView
from wherry.model.runs import ArtifactInput, Attempt, CachePolicy, TaskKind
from wherry.ports import AttemptEnvironment
from wherry.server.presentation import artifact_pages, page_outcomes, run_pages
from wherry.server.presentation.structures import node_ids, schema_title
from wherry.server.python_code import PythonCode, PythonCodeOf

_ENTRIES: Final = 100
_ENTRY: Final = 4096
_WORKS: Final = frozenset({TaskKind.RUNTIME, TaskKind.IMPORTER})


def page(
    view: TaskView,
    package: PipelinePackage,
    *,
    python_code: PythonCodeOf,
    logged: Collection[AttemptId],
    ran_with: AttemptEnvironment | None,
) -> api.TaskPage:
    """Everything the panel of a task shows.

    Args:
        view: the task.
        package: the specification of its run.
        python_code: recognises lightweight components.
        logged: attempts that have a log.
        ran_with: what its newest attempt ran with; None if that is not known.
    """
    record = view.record
    ids = {task.key: task.id for task in view.siblings.values()}
    placed = placed_task(package, view)
    component = package.spec.components.get(record.component) if record.component else package.spec.root
    container = _container(package, component) if record.kind in _WORKS else None
    failure = record.outcome if isinstance(record.outcome, Failure) else None
    row = run_pages.task_row(view.siblings[record.key], node_id(view), ids)
    code = python_code(container) if container is not None else None
    return api.TaskPage(
        run=api.RunLabel(
            id=view.run.id, name=view.run.display_name, state=view.run.state, generation=view.run.generation
        ),
        task=row,
        why=_why(view.record.outcome, row.outcome),
        traceback=failure.traceback if failure is not None else "",
        hint=failure.hint if failure is not None else "",
        warnings=list(view.warnings),
        cache=_cache(view, row.outcome, placed),
        inputs=_inputs(view, component),
        outputs=_outputs(view, component),
        attempts=[_attempt(view, one, ids, has_log=one.id in logged) for one in view.attempts],
        environment=None if container is None else _environment(code, ran_with),
        resources=None if container is None else _resources(container.resources or ResourceSpec()),
        code=_code(container, code) if record.kind in _WORKS else None,
        retry=_retry(placed),
        condition=placed.trigger_policy.condition if placed is not None and placed.trigger_policy else "",
    )


def node_id(view: TaskView) -> str:
    """Which node of the structure a task is an instance of."""
    chain = []
    key: TaskKey | None = view.record.key
    while key is not None and key in view.siblings:
        task = view.siblings[key]
        chain.append((task.key, task.parent, task.name))
        key = task.parent
    return node_ids(reversed(chain))[view.record.key]


def placed_task(package: PipelinePackage, view: TaskView) -> PipelineTaskSpec | None:
    """The task as the specification places it; None for the root."""
    parent = view.siblings.get(view.record.parent) if view.record.parent is not None else None
    if parent is None:
        return None
    around = package.spec.root if parent.kind is TaskKind.ROOT else package.spec.components.get(parent.component)
    if around is not None and around.dag is None and view.record.parent is not None:
        # Inside a loop over a single container there is that container alone.
        grand = view.siblings.get(parent.parent) if parent.parent is not None else None
        component = grand.component if grand is not None and grand.kind is not TaskKind.ROOT else ""
        around = package.spec.components.get(component) if component else package.spec.root
    return around.dag.tasks.get(view.record.name) if around is not None and around.dag is not None else None


def _why(recorded: TaskOutcome | None, told: Outcome | None) -> str:
    match recorded, told:
        case Failure(message=message), _:
            return message
        case None | Succeeded(), _:
            return ""
        case _, None:
            return ""
        case _, outcome:
            return outcome.sentence


def _container(package: PipelinePackage, component: ComponentSpec | None) -> ContainerSpec | None:
    label = component.executor_label if component is not None else None
    executor = package.spec.deployment_spec.executors.get(label or "")
    return executor.container if executor is not None else None


# -- cache ------------------------------------------------------------------------------------------------------------


def _cache(view: TaskView, told: Outcome | None, placed: PipelineTaskSpec | None) -> api.CacheExplanation:
    record = view.record
    answer = _answer(view, placed)
    return api.CacheExplanation(
        answer=answer,
        sentence=_about_cache(view, told) if answer is api.CacheAnswer.REUSED else record.cache_note,
        reused_from=None if view.origin is None else artifact_pages.task_label(view.origin),
        fingerprint=record.fingerprint,
        parts=[api.FingerprintPart(name=name, value=value) for name, value in sorted(record.fingerprint_parts.items())],
    )


def _about_cache(view: TaskView, told: Outcome | None) -> str:
    """Where a task was reused from; of one that a retry kept, in the generation in which it ended."""
    if isinstance(view.record.outcome, Kept) and view.origin is not None:
        where = f"task {page_outcomes.label(view.origin.key)} of run {view.origin.run_name}"
        return f"Reused in generation {view.record.outcome.generation} from {where}."
    return told.sentence if told is not None else ""


def _answer(view: TaskView, placed: PipelineTaskSpec | None) -> api.CacheAnswer:
    record = view.record
    if isinstance(record.outcome, Reused) or (isinstance(record.outcome, Kept) and view.origin is not None):
        return api.CacheAnswer.REUSED
    if record.kind not in _WORKS:
        return api.CacheAnswer.NOT_ASKED
    caching = placed.caching_options if placed is not None else None
    if caching is None or not caching.enable_cache:
        return api.CacheAnswer.OFF
    if view.run.cache is CachePolicy.RERUN:
        return api.CacheAnswer.RERUN
    return api.CacheAnswer.MISSED if record.base_key is not None else api.CacheAnswer.NOT_ASKED


# -- inputs and outputs -----------------------------------------------------------------------------------------------


def _inputs(view: TaskView, component: ComponentSpec | None) -> api.Ports:
    declared = (component.input_definitions if component is not None else None) or ComponentInputsSpec()
    return _ports(
        view,
        view.record.inputs.parameters,
        view.record.inputs.artifacts,
        {name: one.parameter_type for name, one in declared.parameters.items()},
        {name: (schema_title(one.artifact_type), one.is_artifact_list) for name, one in declared.artifacts.items()},
    )


def _outputs(view: TaskView, component: ComponentSpec | None) -> api.Ports:
    declared = (component.output_definitions if component is not None else None) or ComponentOutputsSpec()
    return _ports(
        view,
        view.record.outputs.parameters,
        view.record.outputs.artifacts,
        {name: one.parameter_type for name, one in declared.parameters.items()},
        {name: (schema_title(one.artifact_type), one.is_artifact_list) for name, one in declared.artifacts.items()},
    )


def _ports(
    view: TaskView,
    parameters: Mapping[str, object],
    artifacts: Mapping[str, ArtifactInput],
    types: Mapping[str, ParameterType],
    schemas: Mapping[str, tuple[str, bool]],
) -> api.Ports:
    """Declared ones and, beside them, those that only this task was given."""
    return api.Ports(
        parameters=[
            api.ParameterPort(
                name=name,
                type=types.get(name, ParameterType.PARAMETER_TYPE_ENUM_UNSPECIFIED),
                value=parameters.get(name),
                has_value=name in parameters,
            )
            for name in sorted({*types, *parameters})
        ],
        artifacts=[
            api.ArtifactPort(
                name=name,
                type=schemas.get(name, ("system.Artifact", False))[0],
                is_list=artifacts[name].is_list if name in artifacts else schemas[name][1],
                artifacts=[
                    artifact_pages.brief(view.artifacts[one], view.versions.get(one, ()))
                    for one in _ids(artifacts.get(name))[: artifact_pages.SHOWN]
                    if one in view.artifacts
                ],
                total=len(_ids(artifacts.get(name))),
            )
            for name in sorted({*schemas, *artifacts})
        ],
    )


def _ids(port: ArtifactInput | None) -> tuple[ArtifactId, ...]:
    return port.artifact_ids if port is not None else ()


# -- what did the work ------------------------------------------------------------------------------------------------


def _attempt(view: TaskView, one: Attempt, ids: Mapping[TaskKey, TaskId], *, has_log: bool) -> api.AttemptRow:
    path = f"apis/v2beta1/runs/{view.run.id}/tasks/{view.attempts_of}/log?attempt={one.number}"
    return api.AttemptRow(
        id=one.id,
        number=one.number,
        state=one.state,
        created_at=one.created_at,
        started_at=one.started_at,
        ended_at=one.ended_at,
        failure=None if one.failure is None else page_outcomes.failure(one.failure, ids),
        has_log=has_log or not one.state.is_final,
        log_url=path,
    )


def _environment(code: PythonCode | None, ran_with: AttemptEnvironment | None) -> api.TaskEnvironment:
    return api.TaskEnvironment(
        python=ran_with.python if ran_with is not None else None,
        requirements=list(code.packages) if code is not None else [],
        lock=list(ran_with.packages) if ran_with is not None else [],
        note=ran_with.note if ran_with is not None else "",
    )


def _resources(given: ResourceSpec) -> api.TaskResources:
    accelerator = given.accelerator
    return api.TaskResources(
        cpu_limit=given.resource_cpu_limit or _cores(given.cpu_limit),
        memory_limit=given.resource_memory_limit or _gigabytes(given.memory_limit),
        cpu_request=given.resource_cpu_request or _cores(given.cpu_request),
        memory_request=given.resource_memory_request or _gigabytes(given.memory_request),
        accelerator_type=(accelerator.resource_type or accelerator.type) if accelerator is not None else "",
        accelerator_count=(accelerator.resource_count or accelerator.count) if accelerator is not None else "",
    )


def _cores(number: float) -> str:
    return f"{number:g}" if number else ""


def _gigabytes(number: float) -> str:
    return f"{number:g}G" if number else ""


def _code(container: ContainerSpec | None, code: PythonCode | None) -> api.TaskCode:
    command = () if container is None or code is not None else (*container.command, *container.args)
    return api.TaskCode(
        image=container.image if container is not None else "",
        command=[one[:_ENTRY] for one in command[:_ENTRIES]],
        environment_variables={one.name: one.value for one in container.env} if container is not None else {},
        function=code.function if code is not None else "",
        source=code.source if code is not None else "",
    )


def _retry(placed: PipelineTaskSpec | None) -> api.RetryDescription | None:
    policy = placed.retry_policy if placed is not None else None
    if policy is None:
        return None
    return api.RetryDescription(max_retries=policy.max_retry_count, backoff=policy.backoff_duration or "")
