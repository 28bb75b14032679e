"""Tells whoever follows a run what happens to it, in the turn in which it is committed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import TypeAlias

import msgspec

from wherry.model.identity import RunId, TaskKey
from wherry.model.runs import Run, RunEvent, RunEventKind


class TaskProgress(msgspec.Struct, frozen=True, kw_only=True):
    """Something a person waiting would like to know, such as "installing pandas". Not recorded."""

    run_id: RunId
    task: TaskKey
    message: str


Notice: TypeAlias = RunEvent | TaskProgress


class Followers:
    """Queues of notices by run."""

    def __init__(self) -> None:
        self._queues: dict[RunId, list[asyncio.Queue[Notice | BaseException]]] = {}

    def tell(self, notices: Iterable[Notice]) -> None:
        """Pass notices on. Costs one look-up each where nobody follows."""
        for notice in notices:
            for queue in self._queues.get(notice.run_id, ()):
                queue.put_nowait(notice)

    def fail(self, error: BaseException) -> None:
        """The engine has died: nobody is told anything any more."""
        for queues in self._queues.values():
            for queue in queues:
                queue.put_nowait(error)

    async def follow(self, run_id: RunId, get_run: Callable[[RunId], Awaitable[Run]]) -> AsyncIterator[Notice]:
        """Everything from now on until the run has ended, the end included; nothing if it has.

        Args:
            run_id: the run.
            get_run: reads its row, once.
        """
        queue: asyncio.Queue[Notice | BaseException] = asyncio.Queue()
        self._queues.setdefault(run_id, []).append(queue)
        try:
            if (await get_run(run_id)).state.is_final and queue.empty():
                return
            while True:
                notice = await queue.get()
                if isinstance(notice, BaseException):
                    raise notice
                yield notice
                if isinstance(notice, RunEvent) and notice.kind is RunEventKind.RUN_ENDED:
                    return
        finally:
            self._queues[run_id].remove(queue)
            if not self._queues[run_id]:
                del self._queues[run_id]
