"""PipelineTask, as KFP 3.0 has it."""

from __future__ import annotations

import msgspec

from wherry.api.artifacts import Artifact
from wherry.api.dialect import Message
from wherry.model.identity import Json


class ChildTask(Message, frozen=True, kw_only=True):
    """PipelineTaskDetailChildTask."""

    task_id: str = ""
    pod_name: str = ""


class StatusMetadata(Message, frozen=True, kw_only=True):
    """Why a task is in its state."""

    message: str = ""
    custom_properties: dict[str, Json] = msgspec.field(default_factory=dict)


class TypeAttributes(Message, frozen=True, kw_only=True):
    """What only some types of tasks have. 64-bit integers are text."""

    iteration_index: str | None = None
    iteration_count: str | None = None


class IOParameter(Message, frozen=True, kw_only=True):
    """A parameter that went in or came out."""

    value: Json = None
    parameter_key: str = ""


class IOArtifact(Message, frozen=True, kw_only=True):
    """The artifacts of one port."""

    artifacts: tuple[Artifact, ...] = ()
    artifact_key: str = ""


class InputOutputs(Message, frozen=True, kw_only=True):
    """Everything that went in, or came out."""

    parameters: tuple[IOParameter, ...] = ()
    artifacts: tuple[IOArtifact, ...] = ()


class PipelineTask(Message, frozen=True, kw_only=True):
    """v2beta1PipelineTask."""

    name: str = ""
    display_name: str = ""
    task_id: str = ""
    run_id: str = ""
    cache_fingerprint: str = ""
    create_time: str | None = None
    start_time: str | None = None
    end_time: str | None = None
    state: str = ""
    """RUNNING, SUCCEEDED, SKIPPED, FAILED or CACHED."""
    status_metadata: StatusMetadata | None = None
    type: str = ""
    type_attributes: TypeAttributes | None = None
    parent_task_id: str = ""
    child_tasks: tuple[ChildTask, ...] = ()
    inputs: InputOutputs | None = None
    outputs: InputOutputs | None = None
    scope_path: str = ""


class ListTasksResponse(Message, frozen=True, kw_only=True):
    """v2beta1ListTasksResponse."""

    tasks: tuple[PipelineTask, ...] = ()
    next_page_token: str = ""
    total_size: int = 0
