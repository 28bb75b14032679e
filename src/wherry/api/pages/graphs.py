"""The structure of a pipeline, as a graph that can be drawn before anything has run."""

from __future__ import annotations

import enum

from wherry.api.dialect import Message
from wherry.ir.spec import ParameterType
from wherry.model.identity import Json
from wherry.model.runs import TaskKind


class EdgeKind(enum.Enum):
    """Why one task comes before another."""

    DATA = "data"  # an output of the one is an input of the other
    ORDER = "order"  # `.after(...)`
    FINAL_STATUS = "final-status"  # the other is told how the one ended


class LoopSource(enum.Enum):
    """What a loop goes over."""

    ITEMS = "items"  # a list in the specification
    PARAMETER = "parameter"  # an input that holds a list
    ARTIFACTS = "artifacts"  # an input that holds a list of artifacts


class GraphLoop(Message, frozen=True, kw_only=True):
    """A loop over items."""

    source: LoopSource
    over: str
    """JSON text of the items (cut after 500 characters), or the name of the input they come from."""
    item: str
    """Name of the input under which an iteration finds its item."""
    count: int | None
    """How many items the specification lists; null if that is known only when it runs."""
    parallelism: int
    """Iterations at once; 0 means no limit."""


class GraphNode(Message, frozen=True, kw_only=True):
    """A task of the pipeline. A loop's inside stands there once, however often it runs."""

    id: str
    """Unique in the graph: `root`, `root/train`, `root/for-loop-1/score`. A task's key without its iterations."""
    parent_id: str | None
    """The node around it; null for the root."""
    name: str
    """Unique among its siblings."""
    display_name: str
    kind: TaskKind
    component: str
    """Key of the component in `Structure.components`; empty for the root."""
    condition: str
    """CEL text that has to be true; empty if there is none."""
    condition_label: str
    """The same for a person, such as `flip.Output == 'heads'`; empty if there is none."""
    loop: GraphLoop | None
    waits_for_end: bool
    """Whether it starts however the tasks before it ended."""
    is_exit_task: bool
    """Whether it runs once, at the end of an exit handler, and even if the run is cancelled."""


class GraphEdge(Message, frozen=True, kw_only=True):
    """`source_id` comes before `target_id`. Both have the same parent. At most one per pair and kind."""

    source_id: str
    target_id: str
    kind: EdgeKind
    ports: list[PortLink]
    """Which output feeds which input; empty unless the kind is `data`."""


class PortLink(Message, frozen=True, kw_only=True):
    """An output that is an input of another task."""

    output: str
    """Of the source."""
    input: str
    """Of the target."""
    is_artifact: bool
    """A parameter otherwise."""


class Graph(Message, frozen=True, kw_only=True):
    """The structure of a pipeline."""

    nodes: list[GraphNode]
    """Parents before what is inside them."""
    edges: list[GraphEdge]
    truncated: bool
    """Whether there are more nodes than are sent (20,000)."""


class ParameterSignature(Message, frozen=True, kw_only=True):
    """A declared parameter."""

    name: str
    type: ParameterType
    description: str
    """May be empty."""
    is_optional: bool
    """Whether it may be left out."""
    has_default: bool
    default: Json
    """Null if there is none; `has_default` tells that from a default that is null."""
    literals: list[Json]
    """The only values it may have; empty: any."""


class ArtifactSignature(Message, frozen=True, kw_only=True):
    """A declared artifact."""

    name: str
    type: str
    """Schema title such as `system.Dataset`."""
    is_list: bool
    is_optional: bool
    description: str
    """May be empty."""


class Signature(Message, frozen=True, kw_only=True):
    """What a pipeline or a component takes and gives. An output parameter is never optional and has no default."""

    input_parameters: list[ParameterSignature]
    input_artifacts: list[ArtifactSignature]
    output_parameters: list[ParameterSignature]
    output_artifacts: list[ArtifactSignature]


class ComponentDescription(Message, frozen=True, kw_only=True):
    """A component of a pipeline."""

    name: str
    """Its key in the specification, such as `comp-train`."""
    signature: Signature
    image: str
    """Empty if no container does its work."""
    is_importer: bool
    """Whether it names artifacts that exist already."""
    function: str
    """Name of the Python function of a lightweight component; empty for any other."""


class Structure(Message, frozen=True, kw_only=True):
    """Everything about a pipeline that does not depend on a run."""

    name: str
    """`pipelineInfo.name`."""
    description: str
    """May be empty."""
    sdk_version: str
    """What compiled it, such as `kfp-2.17.0`; may be empty."""
    graph: Graph
    signature: Signature
    components: list[ComponentDescription]
