"""A task with work of its own, between being due and having ended."""

from __future__ import annotations

import enum
from collections.abc import Callable

from wherry.engine import retry
from wherry.engine.fingerprint import Fingerprint
from wherry.engine.plan import TaskPlan
from wherry.engine.schedule import Place
from wherry.engine.task_rows import NO_INPUTS
from wherry.model.identity import Json, Micros, TaskKey
from wherry.model.runs import Attempt, TaskInputs


class Phase(enum.Enum):
    """What a live task waits for."""

    LOOK_UP = "look-up"  # an answer of the cache
    READY = "ready"  # a free slot
    RUNNING = "running"  # its attempt
    BACKOFF = "backoff"  # the time of its next attempt


class LiveTask:
    """A container or importer task that is due and has not ended."""

    __slots__ = (
        "attempt",
        "failures",
        "fingerprint",
        "handle",
        "inputs",
        "key",
        "note",
        "phase",
        "place",
        "retry_at",
        "stopping",
        "tries",
    )

    def __init__(self, key: TaskKey, place: Place, inputs: TaskInputs = NO_INPUTS) -> None:
        self.key = key
        self.place = place
        self.inputs = inputs
        self.fingerprint: Fingerprint | None = None
        """None if it is neither looked up nor offered for reuse."""
        self.note = ""
        """Why it is not reused."""
        self.attempt: Attempt | None = None
        """The one that has not ended."""
        self.handle: dict[str, Json] | None = None
        """The launcher's own, of that attempt; None until told."""
        self.tries = 0
        """Attempts started in this generation."""
        self.failures = retry.Failures()
        self.retry_at: Micros | None = None
        self.phase = Phase.LOOK_UP
        self.stopping = False
        """Its attempt is to be stopped: the run is cancelled."""

    @property
    def plan(self) -> TaskPlan:
        """Its plan."""
        return self.place.plan


class Uris:
    """Where an attempt's outputs go. Called with parts it gives a URI below the attempt's root."""

    __slots__ = ("_root", "_uri")

    def __init__(self, uri: Callable[..., str], *root: str) -> None:
        self._uri = uri
        self._root = uri(*root)

    def __call__(self, *parts: str) -> str:
        """The URI of ``parts``."""
        return self._uri(self._root, *parts)
