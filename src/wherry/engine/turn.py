"""One turn of the loop: what is taken from the queue, and what is to be done once the turn is committed."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from wherry.engine.followers import TaskProgress
from wherry.engine.live_task import LiveTask
from wherry.engine.owned_run import OwnedRun
from wherry.model.artifacts import Artifact
from wherry.model.identity import ArtifactId, AttemptId, RunId
from wherry.ports import AttemptEvent, LaunchRequest


class DigestKnown(msgspec.Struct, frozen=True):
    """The hasher is through with an artifact."""

    artifact: ArtifactId
    digest: str | None


class Requested(msgspec.Struct, frozen=True):
    """Something was asked of a run."""

    run: RunId


class RetryDue(msgspec.Struct, frozen=True):
    """A pause between two attempts is over, or may be."""


class LaunchFailed(msgspec.Struct, frozen=True):
    """A launcher refused an attempt."""

    attempt_id: AttemptId
    message: str


Queued: TypeAlias = AttemptEvent | DigestKnown | Requested | RetryDue | LaunchFailed


class Turn:
    """What is to be done once a turn is committed: nothing of it before."""

    def __init__(self) -> None:
        self.launches: list[tuple[OwnedRun, LiveTask, LaunchRequest]] = []
        self.acknowledge: list[AttemptId] = []
        self.stop: list[AttemptId] = []
        self.hash: list[Artifact] = []
        self.progress: list[TaskProgress] = []
        self.explain: list[tuple[OwnedRun, LiveTask]] = []
