"""RunPlan: what a run consists of. `wherry.engine.planning` computes it, once.

A component that is placed twice is planned once: a plan holds one `DagPlan` per component and tasks name theirs, so
that a nest of components stays as small as its spec. Scopes, iterations and everything else that only a run has are
made by `wherry.engine.schedule`.
"""

from __future__ import annotations

import enum
from typing import TypeAlias

import msgspec

from wherry.engine.retry import RetryPlan
from wherry.engine.task_config import TaskConfigInput
from wherry.ir.spec import (
    CachingOptions,
    ContainerSpec,
    ImporterSpec,
    InputArtifactSpec,
    InputParameterSpec,
    Json,
    OutputArtifactSpec,
    OutputParameterSpec,
)
from wherry.model.runs import TaskKind

ROOT_DAG = ""
"""Name of the root's DAG among a plan's DAGs. No component has an empty name."""


class WaitsFor(enum.Enum):
    """What a task needs of the tasks before it (``TriggerPolicy.TriggerStrategy``)."""

    OUTPUTS = "outputs"  # all of them ended with outputs
    END = "end"  # all of them ended, however


# -- where an input comes from ----------------------------------------------------------------------------------------


class FromScope(msgspec.Struct, frozen=True, tag=True):
    """An input of the DAG around the task (``componentInputParameter``, ``componentInputArtifact``)."""

    name: str


class FromTask(msgspec.Struct, frozen=True, tag=True):
    """An output of another task of the same DAG (``taskOutputParameter``, ``taskOutputArtifact``)."""

    task: int
    port: str


class Constant(msgspec.Struct, frozen=True, tag=True):
    """``runtimeValue.constant``."""

    value: Json
    has_placeholders: bool


class FinalStatus(msgspec.Struct, frozen=True, tag=True):
    """The PipelineTaskFinalStatus of another task of the same DAG."""

    task: int


ParameterSource: TypeAlias = FromScope | FromTask | Constant | FinalStatus
ArtifactSource: TypeAlias = FromScope | FromTask


class ParameterInput(msgspec.Struct, frozen=True, kw_only=True):
    """One parameter that a task is given."""

    name: str
    source: ParameterSource
    selector: str = ""
    """``parameterExpressionSelector``: CEL over the value. Empty: the value itself."""
    declared: InputParameterSpec | None = None
    """None for an input that the component does not declare, such as those that kfp adds for f-strings."""


class ArtifactPort(msgspec.Struct, frozen=True, kw_only=True):
    """One artifact input that a task is given."""

    name: str
    source: ArtifactSource
    declared: InputArtifactSpec | None = None


class NotGiven(msgspec.Struct, frozen=True, kw_only=True):
    """A parameter that the component declares and the task does not set: it has its default, if there is one."""

    name: str
    declared: InputParameterSpec


class InputsPlan(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a task is given."""

    parameters: tuple[ParameterInput, ...] = ()
    artifacts: tuple[ArtifactPort, ...] = ()
    not_given: tuple[NotGiven, ...] = ()


# -- loops ------------------------------------------------------------------------------------------------------------


class RawItems(msgspec.Struct, frozen=True, tag=True):
    """A JSON list, as text in the spec."""

    text: str


class ItemsOfParameter(msgspec.Struct, frozen=True, tag=True):
    """An input that holds a list, or the text of one."""

    name: str


class ItemsOfArtifact(msgspec.Struct, frozen=True, tag=True):
    """An input that holds a list of artifacts."""

    name: str


class Loop(msgspec.Struct, frozen=True, kw_only=True):
    """``parameterIterator`` or ``artifactIterator`` with its ``iteratorPolicy``."""

    items: RawItems | ItemsOfParameter | ItemsOfArtifact
    item_input: str
    """Input that an iteration finds its item under."""
    parallelism: int = 0
    """Iterations at once; 0 means no limit."""


# -- what does the work -----------------------------------------------------------------------------------------------


class ContainerWork(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A container: the task has attempts."""

    label: str
    spec: ContainerSpec
    timeout_seconds: float | None = None
    task_config: TaskConfigInput | None = None


class ImporterWork(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An importer: the engine does it."""

    spec: ImporterSpec


class DagWork(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A DAG, once, or once per item if the task has a loop."""

    dag: str
    """Name among the plan's DAGs."""


Work: TypeAlias = ContainerWork | ImporterWork | DagWork


class TaskPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One task of a DAG. Tasks of a DAG are numbered in the order of their names."""

    index: int
    name: str
    display_name: str
    component: str
    kind: TaskKind
    work: Work
    upstream: tuple[int, ...] = ()
    downstream: tuple[int, ...] = ()
    waits_for: WaitsFor = WaitsFor.OUTPUTS
    is_exit_task: bool = False
    """Waits for the end of an exit handler: runs even when the run is cancelled; its failure is its own."""
    condition: str = ""
    """CEL over the resolved parameters; empty: none."""
    loop: Loop | None = None
    inputs: InputsPlan = InputsPlan()
    output_parameters: dict[str, OutputParameterSpec] = {}
    output_artifacts: dict[str, OutputArtifactSpec] = {}
    retry: RetryPlan | None = None
    caching: CachingOptions = CachingOptions()


class Selector(msgspec.Struct, frozen=True):
    """An output of a task inside a DAG."""

    task: int
    port: str


class DagPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The tasks of one component, and what leaves it. Several selectors mean the first whose task has outputs."""

    name: str
    tasks: tuple[TaskPlan, ...]
    parameters: dict[str, tuple[Selector, ...]] = {}
    artifacts: dict[str, tuple[Selector, ...]] = {}

    def index(self, name: str) -> int:
        """Number of the task called ``name``. Raises KeyError."""
        for task in self.tasks:
            if task.name == name:
                return task.index
        raise KeyError(name)


class RunPlan(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a run of a pipeline may come to do."""

    pipeline: str
    dags: dict[str, DagPlan]
    """By component name; the root's is under `ROOT_DAG`, the body of a loop over a container under ``loop:<path>``."""
    input_parameters: dict[str, InputParameterSpec] = {}
    """What the pipeline itself takes."""
    has_workspace: bool = False
    """Whether the tasks of a run share a folder (``dsl.WorkspaceConfig``)."""

    @property
    def root(self) -> DagPlan:
        """The DAG of the whole pipeline."""
        return self.dags[ROOT_DAG]
