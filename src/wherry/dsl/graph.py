"""The traced pipeline: a frozen tree of groups and tasks, and where each value comes from.

This is all that the compiler sees of an author's program. Nothing here knows how the tree was made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from wherry.dsl.pipeline_config import PipelineConfig
from wherry.dsl.task_config import TaskConfigPassthrough
from wherry.dsl.value_types import ArtifactType, ParameterType, ValueType
from wherry.dsl.values import Value

Json: TypeAlias = Any
"""None, bool, int, float, str, list[Json] or dict[str, Json]."""

NONE: Final[Mapping[str, Any]] = MappingProxyType({})
"""The empty mapping."""


# -- interfaces and implementations -----------------------------------------------------------------------------------


class InputSpec(Value):
    """An input of a component. ``default`` is None where there is none, and for artifacts."""

    type: ValueType
    optional: bool = False
    default: Json = None
    description: str = ""


class OutputSpec(Value):
    """An output of a component."""

    type: ValueType
    description: str = ""


class Interface(Value):
    """Inputs and outputs of a component, by name, in the order of declaration."""

    inputs: Mapping[str, InputSpec]
    outputs: Mapping[str, OutputSpec]
    description: str = ""


class Container(Value):
    """An image and what runs in it; placeholders stand in the texts as the IR spells them."""

    image: str
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()


class Importer(Value):
    """Names an artifact that exists. ``uri`` is None if the task's ``uri`` input holds it."""

    uri: str | None
    type: ArtifactType
    reimport: bool = False
    metadata: Json = None
    download_to_workspace: bool = False


class ComponentDefinition(Value):
    """A component: its name (Kubernetes form), interface and implementation. A Graph is a nested pipeline."""

    name: str
    interface: Interface
    implementation: Container | Importer | Graph
    task_config_passthroughs: tuple[TaskConfigPassthrough, ...] = ()


# -- where values come from -------------------------------------------------------------------------------------------


class PipelineInput(Value):
    """An input of the pipeline that is traced."""

    name: str
    type: ValueType

    @property
    def producer(self) -> None:
        """No task makes it."""
        return None

    @property
    def full_name(self) -> str:
        """Unique among the sources of a pipeline."""
        return self.name


class TaskOutput(Value):
    """An output of a task, or of a group that hands on what is made inside it."""

    producer: str
    name: str
    type: ValueType

    @property
    def full_name(self) -> str:
        """Unique among the sources of a pipeline."""
        return f"{self.producer}-{self.name}"


class LoopItem(Value):
    """The item of one iteration of a loop.

    ``items`` is the source of the list, or None if the list stands in the pipeline's code; then ``key_types`` has
    the types of the values of its first item, if that is a dict.
    """

    name: str
    type: ValueType
    items: Source | None = None
    key_types: tuple[tuple[str, ParameterType], ...] = ()

    @property
    def producer(self) -> str | None:
        """The task that makes the list."""
        return None if self.items is None else self.items.producer

    @property
    def full_name(self) -> str:
        """Unique among the sources of a pipeline."""
        return f"{self.producer}-{self.name}" if self.producer else self.name


class LoopItemKey(Value):
    """The value under one key of a loop's item."""

    item: LoopItem
    key: str
    type: ParameterType

    @property
    def name(self) -> str:
        """As KFP names it."""
        return f"{self.item.name}-subvar-{self.key}"

    @property
    def producer(self) -> str | None:
        """The task that makes the list."""
        return self.item.producer

    @property
    def full_name(self) -> str:
        """Unique among the sources of a pipeline."""
        return f"{self.producer}-{self.name}" if self.producer else self.name


class CollectedOutput(Value):
    """All iterations' values of one output of a task in a loop (``dsl.Collected``)."""

    output: TaskOutput
    type: ValueType

    @property
    def producer(self) -> str:
        """The task in the loop."""
        return self.output.producer

    @property
    def name(self) -> str:
        """Name of the output."""
        return self.output.name

    @property
    def full_name(self) -> str:
        """Unique among the sources of a pipeline."""
        return self.output.full_name


class OneOfOutput(Value):
    """The output of whichever branch ran (``dsl.OneOf``). ``producer`` is the group of the branches."""

    producer: str
    name: str
    choices: tuple[TaskOutput, ...]
    type: ValueType

    @property
    def full_name(self) -> str:
        """Unique among the sources of a pipeline."""
        return f"{self.producer}-{self.name}"


Source: TypeAlias = PipelineInput | TaskOutput | LoopItem | LoopItemKey | CollectedOutput | OneOfOutput


class Literal(Value):
    """A constant. Texts in it may hold the patterns of ``references``, which the compiler replaces."""

    value: Json
    references: Mapping[str, Source] = NONE


Argument: TypeAlias = Source | Literal


# -- tasks ------------------------------------------------------------------------------------------------------------


class Retry(Value):
    """Durations in seconds."""

    max_retry_count: int
    backoff_duration: int
    backoff_factor: float
    backoff_max_duration: int


class Resources(Value):
    """Kubernetes quantities as text, or references to a source of them. None: not set."""

    cpu_request: Argument | None = None
    cpu_limit: Argument | None = None
    memory_request: Argument | None = None
    memory_limit: Argument | None = None
    accelerator_type: Argument | None = None
    accelerator_count: Argument | None = None

    def items(self) -> Iterator[tuple[str, Argument]]:
        """What is set, by name."""
        for name, value in vars(self).items():
            if value is not None:
                yield name, value


class TaskSettings(Value):
    """What the author has set on a task."""

    display_name: str = ""
    enable_caching: bool = True
    cache_key: str = ""
    retry: Retry | None = None
    env: Mapping[str, str] = NONE
    image: Argument | None = None
    resources: Resources | None = None
    ignore_upstream_failure: bool = False
    platform: Mapping[str, Mapping[str, Json]] = NONE


class Task(Value):
    """A component placed in a pipeline. ``after`` names tasks and exit handlers to wait for."""

    name: str
    component: ComponentDefinition
    arguments: Mapping[str, Argument]
    settings: TaskSettings
    after: tuple[str, ...] = ()
    extra_sources: tuple[Source, ...] = ()
    """Sources that stand in its platform settings only."""

    def sources(self) -> Iterator[Source]:
        """All that it takes from elsewhere in the pipeline; may name a source twice."""
        for argument in self.arguments.values():
            if isinstance(argument, Literal):
                yield from argument.references.values()
            else:
                yield argument
        yield from self.extra_sources


# -- groups -----------------------------------------------------------------------------------------------------------


class Comparison(Value):
    """``left operator right``, or its opposite."""

    operator: str
    left: Source | Json
    right: Source | Json
    negated: bool = False

    def sources(self) -> tuple[Source, ...]:
        """The operands that are no constants."""
        return tuple(operand for operand in (self.left, self.right) if isinstance(operand, Source))


class Root(Value):
    """The pipeline's own scope."""


class Condition(Value):
    """Runs if all comparisons hold. ``word`` is If, Elif or Else."""

    comparisons: tuple[Comparison, ...]
    word: str = "If"


class Branches(Value):
    """Holds the conditions of one If/Elif/Else chain."""


class Loop(Value):
    """Runs once per item. ``raw`` has the items if they stand in the pipeline's code; ``parallelism`` 0: no limit."""

    item: LoopItem
    raw: Json = None
    parallelism: int = 0


class ExitScope(Value):
    """``exit_task`` runs when all in the scope has ended, however it ended."""

    exit_task: Task


GroupKind: TypeAlias = Root | Condition | Branches | Loop | ExitScope


class Group(Value):
    """A scope of tasks: the pipeline itself, or a control-flow block in it."""

    name: str
    kind: GroupKind
    groups: tuple[Group, ...] = ()
    tasks: tuple[Task, ...] = ()
    display_name: str = ""

    def walk(self) -> Iterator[Group]:
        """This group and all below it, parents first."""
        yield self
        for group in self.groups:
            yield from group.walk()


class Graph(Value):
    """A traced pipeline."""

    name: str
    interface: Interface
    root: Group
    outputs: Mapping[str, Source]
    display_name: str = ""
    pipeline_root: str = ""
    config: PipelineConfig | None = None
