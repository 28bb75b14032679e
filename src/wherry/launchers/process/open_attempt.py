"""An attempt as the launcher knows it: from the launch, or the recovery, to its end."""

from __future__ import annotations

import asyncio
import enum
from typing import Final, TypeAlias

from wherry.model.identity import AttemptId, Json
from wherry.ports import LaunchRequest

PreparationKey: TypeAlias = tuple[str, tuple[str, ...]]
"""Image and command: what is prepared once for all."""


class Stage(enum.Enum):
    """How far it has come."""

    PREPARING = "preparing"  # its environment is being found or built
    SENT = "sent"  # the host was told, or will be as soon as it can be reached
    STARTED = "started"  # its process runs
    RECOVERING = "recovering"  # an earlier owner launched it; the host is being asked
    UNKNOWN = "unknown"  # the host does not know it


class Knowledge(enum.Enum):
    """Whether the host knows an attempt."""

    KNOWN = "known"
    UNKNOWN = "unknown"


class OpenAttempt:
    """One that has not ended.

    Args:
        attempt_id: its id.
        request: None for one of an earlier owner.
        handle: what a later owner finds it by.
    """

    def __init__(self, attempt_id: AttemptId, request: LaunchRequest | None, handle: dict[str, Json]) -> None:
        self.id: Final = attempt_id
        self.handle: Final = handle
        self.request: LaunchRequest | None = request
        self.stage = Stage.RECOVERING if request is None else Stage.PREPARING
        self.waits_for: PreparationKey | None = None
        """What is being prepared for it."""
        self.frame = b""
        """What was sent to the host: sent again if that died before it started the process."""
        self.cancelled = False
        self.answered: Final = asyncio.Event()
        """The host has said whether it knows it, or the connection has ended."""

    @property
    def task(self) -> str:
        """For messages."""
        return f"attempt {self.id}" if self.request is None else f"task {self.request.task!r}"
