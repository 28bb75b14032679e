"""Messages of KFP's run.proto."""

from __future__ import annotations

import msgspec

from wherry.api.dialect import Message
from wherry.api.status import Status
from wherry.api.tasks import ChildTask, PipelineTask
from wherry.model.identity import Json


class PipelineVersionReference(Message, frozen=True, kw_only=True):
    """v2beta1PipelineVersionReference."""

    pipeline_id: str = ""
    pipeline_version_id: str = ""


class RuntimeConfig(Message, frozen=True, kw_only=True):
    """v2beta1RuntimeConfig."""

    parameters: dict[str, Json] = msgspec.field(default_factory=dict)
    pipeline_root: str = ""


class RuntimeStatus(Message, frozen=True, kw_only=True):
    """v2beta1RuntimeStatus: one entry of a state history."""

    update_time: str | None = None
    state: str = ""
    error: Status | None = None


class ArtifactList(Message, frozen=True, kw_only=True):
    """v2beta1ArtifactList. KFP numbers artifacts; these are ids as text."""

    artifact_ids: tuple[str, ...] = ()


class TaskDetail(Message, frozen=True, kw_only=True):
    """v2beta1PipelineTaskDetail: one task, or one task of one iteration."""

    run_id: str = ""
    task_id: str = ""
    display_name: str = ""
    create_time: str | None = None
    start_time: str | None = None
    end_time: str | None = None
    state: str = ""
    error: Status | None = None
    inputs: dict[str, ArtifactList] = msgspec.field(default_factory=dict)
    outputs: dict[str, ArtifactList] = msgspec.field(default_factory=dict)
    parent_task_id: str = ""
    state_history: tuple[RuntimeStatus, ...] = ()
    pod_name: str = ""
    child_tasks: tuple[ChildTask, ...] = ()


class RunDetails(Message, frozen=True, kw_only=True):
    """v2beta1RunDetails."""

    task_details: tuple[TaskDetail, ...] = ()


class Run(Message, frozen=True, kw_only=True):
    """v2beta1Run."""

    experiment_id: str = ""
    run_id: str = ""
    display_name: str = ""
    storage_state: str = ""
    description: str = ""
    pipeline_version_id: str = ""
    """Deprecated in KFP; read, never sent."""
    pipeline_spec: msgspec.Raw | None = None
    pipeline_version_reference: PipelineVersionReference | None = None
    runtime_config: RuntimeConfig | None = None
    service_account: str = ""
    created_at: str | None = None
    scheduled_at: str | None = None
    finished_at: str | None = None
    """Always sent: 1970 while the run has not ended."""
    state: str = ""
    error: Status | None = None
    run_details: RunDetails | None = None
    recurring_run_id: str = ""
    state_history: tuple[RuntimeStatus, ...] = ()
    plugins_input: dict[str, Json] = msgspec.field(default_factory=dict)
    plugins_output: dict[str, Json] = msgspec.field(default_factory=dict)
    tasks: tuple[PipelineTask, ...] = ()
    """Of KFP 3.0, with ``view=FULL`` only."""


class ListRunsResponse(Message, frozen=True, kw_only=True):
    """v2beta1ListRunsResponse."""

    runs: tuple[Run, ...] = ()
    total_size: int = 0
    next_page_token: str = ""
