"""Small pipelines for tests: say what matters, get the rest.

A pipeline of two containers, the second of which reads what the first made::

    pipeline(task("load", makes=["rows"]), task("train", reads={"rows": out("load", "rows")}))
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import msgspec

from wherry.ir.digest import encode_package, encoded_digest
from wherry.ir.spec import (
    ArtifactItemsSpec,
    ArtifactIteratorSpec,
    ArtifactSelectorSpec,
    ArtifactTypeSchema,
    CachingOptions,
    ComponentInputsSpec,
    ComponentOutputsSpec,
    ComponentRef,
    ComponentSpec,
    ContainerSpec,
    DagOutputArtifactSpec,
    DagOutputParameterSpec,
    DagOutputsSpec,
    DagSpec,
    DeploymentSpec,
    ExecutorSpec,
    ImporterSpec,
    InputArtifactSpec,
    InputParameterSpec,
    IteratorPolicy,
    Json,
    OutputArtifactSpec,
    OutputParameterSpec,
    ParameterItemsSpec,
    ParameterIteratorSpec,
    ParameterSelectorSpec,
    ParameterSelectorsSpec,
    ParameterType,
    PipelineInfo,
    PipelinePackage,
    PipelineSpec,
    PipelineTaskSpec,
    PlatformDeploymentConfig,
    PlatformSpec,
    RetryPolicy,
    SinglePlatformSpec,
    TaskFinalStatusSpec,
    TaskInputArtifactSpec,
    TaskInputParameterSpec,
    TaskInputsSpec,
    TaskOutputArtifactSpec,
    TaskOutputParameterSpec,
    TriggerPolicy,
    TriggerStrategy,
    ValueOrRuntimeParameter,
)
from wherry.model.identity import Micros, RunId
from wherry.model.runs import CachePolicy, Run
from wherry.model.states import RuntimeState, StorageState
from wherry.ports import NewRun
from wherry.testing.records import SOON

DATASET = ArtifactTypeSchema(schema_title="system.Dataset", schema_version="0.0.1")
ANY = ParameterType.PARAMETER_TYPE_ENUM_UNSPECIFIED
INT = ParameterType.NUMBER_INTEGER
TEXT = ParameterType.STRING
LIST = ParameterType.LIST
STATUS = ParameterType.TASK_FINAL_STATUS

ParameterSource: TypeAlias = TaskInputParameterSpec
ArtifactSource: TypeAlias = TaskInputArtifactSpec
Source: TypeAlias = ParameterSource | ArtifactSource


def out(producer: str, port: str = "Output", *, selector: str = "") -> ParameterSource:
    """An output parameter of another task of the DAG."""
    reference = TaskOutputParameterSpec(producer_task=producer, output_parameter_key=port)
    return TaskInputParameterSpec(task_output_parameter=reference, parameter_expression_selector=selector)


def scope(name: str, *, selector: str = "") -> ParameterSource:
    """An input parameter of the DAG around the task."""
    return TaskInputParameterSpec(component_input_parameter=name, parameter_expression_selector=selector)


def const(value: Json) -> ParameterSource:
    """A constant."""
    return TaskInputParameterSpec(runtime_value=ValueOrRuntimeParameter(constant=value))


def status(producer: str) -> ParameterSource:
    """How another task of the DAG ended."""
    return TaskInputParameterSpec(task_final_status=TaskFinalStatusSpec(producer_task=producer))


def made(producer: str, port: str = "data") -> ArtifactSource:
    """An output artifact of another task of the DAG."""
    reference = TaskOutputArtifactSpec(producer_task=producer, output_artifact_key=port)
    return TaskInputArtifactSpec(task_output_artifact=reference)


def scope_artifact(name: str) -> ArtifactSource:
    """An input artifact of the DAG around the task."""
    return TaskInputArtifactSpec(component_input_artifact=name)


@dataclass(frozen=True, kw_only=True)
class Task:
    """A task and, since each has one of its own, its component. Made by `task`, `dag`, `loop` and `importer`."""

    name: str
    reads: Mapping[str, Source] = field(default_factory=dict)
    types: Mapping[str, ParameterType] = field(default_factory=dict)
    """Types of inputs and output parameters that are not `ANY`."""
    lists: frozenset[str] = frozenset()
    """Artifact inputs that take a list."""
    defaults: Mapping[str, Json] = field(default_factory=dict)
    """Defaults of inputs; None makes one optional without a default."""
    makes: tuple[str, ...] = ()
    makes_artifacts: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    condition: str = ""
    waits_for_end: bool = False
    retry: RetryPolicy | None = None
    cached: bool = True
    cache_key: str = ""
    timeout_seconds: int = 0
    container: ContainerSpec | None = None
    imports: ImporterSpec | None = None
    body: tuple[Task, ...] | None = None
    gives: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    """For a DAG: its output parameters, each with the (task, port) pairs it is taken from."""
    gives_artifacts: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    items: Sequence[Json] | str | None = None
    """For a loop: the items, or the name of the input that holds them."""
    item: str = "item"
    over_artifacts: bool = False
    parallelism: int = 0


def task(name: str, **fields: Any) -> Task:
    """A container task."""
    return Task(name=name, **_tuples(fields))


def dag(name: str, *body: Task, **fields: Any) -> Task:
    """A nested pipeline, a condition, an exit handler: what it is follows from its name and condition."""
    return Task(name=name, body=body, **_tuples(fields))


def loop(name: str, *body: Task, items: Sequence[Json] | str, **fields: Any) -> Task:
    """A loop over ``body``, or over one container if that is empty."""
    return Task(name=name, body=body or None, items=items, **_tuples(fields))


def exit_handler(number: int, *body: Task, **fields: Any) -> Task:
    """``exit-handler-N``."""
    return dag(f"exit-handler-{number}", *body, **fields)


def exit_task(name: str, handler: int, **fields: Any) -> Task:
    """The task that runs when ``exit-handler-N`` has ended."""
    return task(name, after=[f"exit-handler-{handler}"], waits_for_end=True, **fields)


def importer(name: str, uri: str | None = None, *, reimport: bool = False, **fields: Any) -> Task:
    """An importer of a dataset; without ``uri`` it reads its input ``uri``."""
    source = (
        ValueOrRuntimeParameter(constant=uri) if uri is not None else ValueOrRuntimeParameter(runtime_parameter="uri")
    )
    spec = ImporterSpec(artifact_uri=source, type_schema=DATASET, reimport=reimport)
    return Task(name=name, imports=spec, makes_artifacts=("artifact",), **_tuples(fields))


def _tuples(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        name: tuple(value) if isinstance(value, list) and name != "items" else value for name, value in fields.items()
    }


def retries(count: int, *, backoff: str = "0s", factor: float = 2.0, longest: str = "3600s") -> RetryPolicy:
    """A retry policy."""
    return RetryPolicy(
        max_retry_count=count, backoff_duration=backoff, backoff_factor=factor, backoff_max_duration=longest
    )


def pipeline(
    *tasks: Task,
    name: str = "demo",
    parameters: Mapping[str, ParameterType] | None = None,
    defaults: Mapping[str, Json] | None = None,
    gives: Mapping[str, Sequence[tuple[str, str]]] | None = None,
) -> PipelinePackage:
    """A package whose root DAG has these tasks."""
    compiler = _Compiler()
    defaults = defaults or {}
    root = ComponentSpec(
        dag=compiler.dag(tasks, gives or {}, {}),
        input_definitions=ComponentInputsSpec(
            parameters={
                one: InputParameterSpec(
                    parameter_type=kind,
                    is_optional=one in defaults,
                    default_value=defaults.get(one, msgspec.UNSET),
                )
                for one, kind in (parameters or {}).items()
            }
        ),
    )
    spec = PipelineSpec(
        pipeline_info=PipelineInfo(name=name),
        root=root,
        schema_version="2.1.0",
        components=compiler.components,
        deployment_spec=DeploymentSpec(executors=compiler.executors),
    )
    if not compiler.timeouts:
        return PipelinePackage(spec=spec)
    config = {label: {"activeDeadlineSeconds": seconds} for label, seconds in compiler.timeouts.items()}
    platform = SinglePlatformSpec(platform="kubernetes", deployment_spec=PlatformDeploymentConfig(executors=config))
    return PipelinePackage(spec=spec, platform=PlatformSpec(platforms={"kubernetes": platform}))


def run_of(
    package: PipelinePackage,
    run_id: str = "run-0001",
    *,
    arguments: Mapping[str, Json] | None = None,
    cache: CachePolicy = CachePolicy.AS_COMPILED,
    at: Micros = SOON,
) -> NewRun:
    """A pending run of a package, by ``ann``."""
    encoded = encode_package(package)
    run = Run(
        id=RunId(run_id),
        generation=1,
        namespace="",
        created_by="ann",
        display_name=f"{package.spec.pipeline_info.name} of {run_id}",
        pipeline=package.spec.pipeline_info.name,
        spec_digest=encoded_digest(encoded),
        parameters=dict(arguments or {}),
        pipeline_root="/artifacts",
        cache=cache,
        state=RuntimeState.PENDING,
        storage_state=StorageState.AVAILABLE,
        created_at=at,
        scheduled_at=at,
    )
    return NewRun(run=run, spec=encoded)


class _Compiler:
    """Collects components and executors, under names that differ even where task names do not."""

    def __init__(self) -> None:
        self.components: dict[str, ComponentSpec] = {}
        self.executors: dict[str, ExecutorSpec] = {}
        self.timeouts: dict[str, int] = {}

    def dag(
        self,
        tasks: Iterable[Task],
        gives: Mapping[str, Sequence[tuple[str, str]]],
        gives_artifacts: Mapping[str, Sequence[tuple[str, str]]],
    ) -> DagSpec:
        outputs = DagOutputsSpec(
            parameters={port: _parameter_output(sources) for port, sources in gives.items()},
            artifacts={
                port: DagOutputArtifactSpec(
                    artifact_selectors=tuple(
                        ArtifactSelectorSpec(producer_subtask=one, output_artifact_key=key) for one, key in sources
                    )
                )
                for port, sources in gives_artifacts.items()
            },
        )
        return DagSpec(tasks={one.name: self.task(one) for one in tasks}, outputs=outputs)

    def task(self, one: Task) -> PipelineTaskSpec:
        component = self._component(one)
        parameters = {name: source for name, source in one.reads.items() if isinstance(source, TaskInputParameterSpec)}
        artifacts = {name: source for name, source in one.reads.items() if isinstance(source, TaskInputArtifactSpec)}
        strategy = (
            TriggerStrategy.ALL_UPSTREAM_TASKS_COMPLETED
            if one.waits_for_end
            else TriggerStrategy.TRIGGER_STRATEGY_UNSPECIFIED
        )
        triggers = bool(one.condition) or one.waits_for_end
        return PipelineTaskSpec(
            component_ref=ComponentRef(name=component),
            inputs=TaskInputsSpec(parameters=parameters, artifacts=artifacts),
            dependent_tasks=one.after,
            caching_options=CachingOptions(enable_cache=one.cached, cache_key=one.cache_key),
            trigger_policy=TriggerPolicy(condition=one.condition, strategy=strategy) if triggers else None,
            retry_policy=one.retry,
            iterator_policy=IteratorPolicy(parallelism_limit=one.parallelism) if one.parallelism else None,
            **_iterator(one),
        )

    def _component(self, one: Task) -> str:
        name = f"comp-{one.name}"
        while name in self.components:
            name += "-x"
        label = name.replace("comp-", "exec-", 1)
        inputs = ComponentInputsSpec(
            parameters={
                port: InputParameterSpec(
                    parameter_type=one.types.get(port, ANY),
                    is_optional=port in one.defaults,
                    default_value=_default(one, port),
                )
                for port in _parameter_ports(one)
            },
            artifacts={
                port: InputArtifactSpec(
                    artifact_type=DATASET, is_artifact_list=port in one.lists, is_optional=port in one.defaults
                )
                for port in _artifact_ports(one)
            },
        )
        outputs = ComponentOutputsSpec(
            parameters={
                port: OutputParameterSpec(parameter_type=one.types.get(port, ANY)) for port in (*one.makes, *one.gives)
            },
            artifacts={
                port: OutputArtifactSpec(artifact_type=DATASET) for port in (*one.makes_artifacts, *one.gives_artifacts)
            },
        )
        self.components[name] = ComponentSpec(executor_label=label)  # takes the name before the body asks for one
        if one.body is not None:
            inner = self.dag(one.body, one.gives, one.gives_artifacts)
            self.components[name] = ComponentSpec(input_definitions=inputs, output_definitions=outputs, dag=inner)
            return name
        self.components[name] = ComponentSpec(
            input_definitions=inputs, output_definitions=outputs, executor_label=label
        )
        container = one.container or ContainerSpec(image="python:3.11", command=("run", one.name), args=("{{$}}",))
        self.executors[label] = (
            ExecutorSpec(importer=one.imports) if one.imports is not None else ExecutorSpec(container=container)
        )
        if one.timeout_seconds:
            self.timeouts[label] = one.timeout_seconds
        return name


def _parameter_ports(one: Task) -> list[str]:
    ports = [name for name, source in one.reads.items() if isinstance(source, TaskInputParameterSpec)]
    if one.items is not None and not one.over_artifacts:
        ports.append(one.item)
    return [*ports, *(name for name in one.defaults if name not in ports and name not in one.reads)]


def _artifact_ports(one: Task) -> list[str]:
    ports = [name for name, source in one.reads.items() if isinstance(source, TaskInputArtifactSpec)]
    return [*ports, one.item] if one.over_artifacts else ports


def _default(one: Task, port: str) -> Any:
    value = one.defaults.get(port)
    return msgspec.UNSET if value is None else value


def _parameter_output(sources: Sequence[tuple[str, str]]) -> DagOutputParameterSpec:
    selectors = tuple(ParameterSelectorSpec(producer_subtask=one, output_parameter_key=key) for one, key in sources)
    if len(selectors) == 1:
        return DagOutputParameterSpec(value_from_parameter=selectors[0])
    return DagOutputParameterSpec(value_from_oneof=ParameterSelectorsSpec(parameter_selectors=selectors))


def _iterator(one: Task) -> dict[str, Any]:
    if one.items is None:
        return {}
    if one.over_artifacts:
        items = ArtifactItemsSpec(input_artifact=str(one.items))
        return {"artifact_iterator": ArtifactIteratorSpec(items=items, item_input=one.item)}
    if isinstance(one.items, str):
        over = ParameterItemsSpec(input_parameter=one.items)
    else:
        over = ParameterItemsSpec(raw=msgspec.json.encode(one.items).decode())
    return {"parameter_iterator": ParameterIteratorSpec(items=over, item_input=one.item)}
