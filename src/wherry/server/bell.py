"""Rings when something has happened to a run. Whoever streams waits for it, and then looks into the rows."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from types import TracebackType
from typing import Final, Self

from wherry.model.identity import RunId, TaskKey
from wherry.model.runs import RunEvent, RunEventKind
from wherry.server.parts import RunEngine

_KEPT: Final = 100


class Bell:
    """Takes the engine's notices as fast as they come, and keeps little of them: a slow reader holds nothing up.

    Args:
        engine: tells what happens.
        run_id: to which run.
        stopping: set when the server stops; the bell rings then, too.
        task: if given, only what happens to this task rings, and the end of the run.
        kind: if given, only events of this kind ring, and the end of the run.
    """

    def __init__(
        self,
        engine: RunEngine,
        run_id: RunId,
        stopping: asyncio.Event,
        *,
        task: TaskKey | None = None,
        kind: RunEventKind | None = None,
    ) -> None:
        self._engine = engine
        self._run_id = run_id
        self._stopping = stopping
        self._task = task
        self.kind = kind
        self._rung = asyncio.Event()
        self._tasks: tuple[asyncio.Task[None], ...] = ()
        self.over = False
        """Nothing will happen to the run any more; what did is in the rows."""
        self._recorded: deque[RunEvent] = deque(maxlen=_KEPT)
        self.passing: deque[object] = deque(maxlen=_KEPT)
        """The newest notices that are not recorded."""
        self.lost = 0
        """How many older ones there was no room for."""

    async def __aenter__(self) -> Self:
        self._tasks = (
            asyncio.create_task(self._listen(), name="wherry-bell"),
            asyncio.create_task(self._watch_stop(), name="wherry-bell-stop"),
        )
        # A turn of the loop, in which the first of them begins to listen: what is committed from here on rings.
        await asyncio.sleep(0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        # What the engine died of is its own to tell.
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def stopping(self) -> bool:
        """Whether the server stops: streams break off, and their readers come back to the next one."""
        return self._stopping.is_set()

    def recorded(self, after: int) -> list[RunEvent]:
        """The newest recorded events behind number ``after``, without a look into the rows; each is given once.

        Empty if there are none, or more than are kept: the rows have them.
        """
        events = [event for event in self._recorded if event.seq > after]
        self._recorded.clear()
        return events if events and events[0].seq == after + 1 else []

    async def wait(self, seconds: float) -> bool:
        """Whether it rang since the last time this returned, or does within some seconds."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), seconds)
        rung = self._rung.is_set()
        self._rung.clear()
        return rung

    async def _listen(self) -> None:
        try:
            async for notice in self._engine.follow(self._run_id):
                if self.kind is not None and getattr(notice, "kind", None) is not self.kind:
                    continue
                if isinstance(notice, RunEvent):
                    self._recorded.append(notice)
                else:
                    self.lost += len(self.passing) == _KEPT
                    self.passing.append(notice)
                if self._task is None or getattr(notice, "task", None) == self._task:
                    self._rung.set()
        finally:
            self.over = True
            self._rung.set()

    async def _watch_stop(self) -> None:
        await self._stopping.wait()
        self._rung.set()
