"""The panel of one task."""

from __future__ import annotations

import enum

from wherry.api.dialect import Message
from wherry.api.pages.artifacts import ArtifactDetail, TaskLabel
from wherry.api.pages.outcomes import FailedOutcome
from wherry.api.pages.quantities import Moment
from wherry.api.pages.runs import TaskRow
from wherry.ir.spec import ParameterType
from wherry.model.identity import Json
from wherry.model.states import AttemptState, RuntimeState


class CacheAnswer(enum.Enum):
    """What the cache said of a task."""

    REUSED = "reused"
    MISSED = "missed"  # it was asked and had nothing
    OFF = "off"  # the task may not be reused
    RERUN = "rerun"  # the run was told to reuse nothing
    NOT_ASKED = "not-asked"  # it did not come to that, or the task does no work of its own


class FingerprintPart(Message, frozen=True, kw_only=True):
    """One part of what decides whether an earlier execution may stand in."""

    name: str
    """Such as `executor.source`, `parameter.rows` or `artifact.dataset`."""
    value: str
    """Short text, or the digest of a longer one."""


class CacheExplanation(Message, frozen=True, kw_only=True):
    """Why a task was reused, or why not."""

    answer: CacheAnswer
    sentence: str
    """For a person: where it was reused from, or the nearest earlier execution and what differs. May be empty."""
    reused_from: TaskLabel | None
    """The execution that lent its outputs; null if none did, or its run was deleted."""
    fingerprint: str | None
    parts: list[FingerprintPart]


class ParameterPort(Message, frozen=True, kw_only=True):
    """A parameter that went in or came out."""

    name: str
    type: ParameterType
    value: Json
    has_value: bool
    """False while it is not known: the value is null then."""


class ArtifactPort(Message, frozen=True, kw_only=True):
    """The artifacts that went in or came out under one name."""

    name: str
    type: str
    """Schema title as declared."""
    is_list: bool
    artifacts: list[ArtifactDetail]
    """At most the first 200."""
    total: int
    """How many there are."""


class Ports(Message, frozen=True, kw_only=True):
    """What went in, or came out."""

    parameters: list[ParameterPort]
    artifacts: list[ArtifactPort]


class AttemptRow(Message, frozen=True, kw_only=True):
    """One try of a task."""

    id: str
    number: int
    """From 1. What `attempt` of the log's path takes."""
    state: AttemptState
    created_at: Moment
    started_at: Moment | None
    ended_at: Moment | None
    failure: FailedOutcome | None
    has_log: bool
    """Whether it wrote anything, or still may."""
    log_url: str
    """Path of its log as text."""


class TaskEnvironment(Message, frozen=True, kw_only=True):
    """Where its code ran."""

    python: str | None
    """Full version of the interpreter, such as `3.11.7`, of the newest attempt that has ended; null if not known."""
    requirements: list[str]
    """What the component asks for (`packages_to_install`)."""
    lock: list[str]
    """What was installed, one `name==version` each; empty if nothing was, or `python` is not known either."""
    note: str
    """What is special about it, such as that it ran with the Python that runs wherry. May be empty."""


class TaskResources(Message, frozen=True, kw_only=True):
    """Limits and requests, as the pipeline states them; empty where it does not."""

    cpu_limit: str
    memory_limit: str
    cpu_request: str
    memory_request: str
    accelerator_type: str
    accelerator_count: str


class TaskCode(Message, frozen=True, kw_only=True):
    """What does the work."""

    image: str
    """Empty if no container does."""
    command: list[str]
    """Command and arguments as the specification has them, with placeholders; cut after 100 entries and, each, 4,096
    characters. Of a lightweight component: empty, `source` says it.
    """
    environment_variables: dict[str, str]
    """What the task sets; placeholders are not replaced."""
    function: str
    """Name of the Python function of a lightweight component; else empty."""
    source: str
    """Python source of a lightweight component; else empty."""


class RetryDescription(Message, frozen=True, kw_only=True):
    """How often it is tried again after its own failure."""

    max_retries: int
    backoff: str
    """Such as `60s`; empty if not set."""


class RunLabel(Message, frozen=True, kw_only=True):
    """The run of a task."""

    id: str
    name: str
    state: RuntimeState
    generation: int


class TaskPage(Message, frozen=True, kw_only=True):
    """Everything the panel of a task shows."""

    run: RunLabel
    task: TaskRow
    why: str
    """Why it is in this state, for a person, in one or few lines; empty where the state says it all."""
    traceback: str
    """Of the user's code, if that raised; else empty."""
    hint: str
    """The way out; may be empty."""
    warnings: list[str]
    """What its author should know although it does not fail."""
    cache: CacheExplanation
    inputs: Ports
    outputs: Ports
    attempts: list[AttemptRow]
    """Oldest first; empty if it was reused, skipped, waits, or does no work of its own. Of a task that a retry kept:
    those of the generation in which it ended.
    """
    environment: TaskEnvironment | None
    """Null if no container does its work."""
    resources: TaskResources | None
    """Null if no container does its work."""
    code: TaskCode | None
    """Null if it is a DAG, a loop, a condition or an exit handler."""
    retry: RetryDescription | None
    condition: str
    """CEL text; empty if there is none."""
