"""A run's history as server-sent events: rows, read again and again, so that nothing is missed or told twice.

The engine's notices only say "look". What is of interest while it lasts (a task's environment being made) is passed
on as it comes; a reader who is too slow for it is told that there is a gap. Recorded events have none.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator
from typing import Final

import msgspec

from wherry.model.identity import RunId
from wherry.model.runs import RunEvent
from wherry.ports import RunStore
from wherry.server.parts import RunEngine

_BATCH: Final = 200
_KEPT: Final = 100
_BEAT_SECONDS: Final = 15.0


class _Wire(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an event's data looks like."""

    seq: int
    at: int
    kind: str
    task: str = ""
    body: dict[str, object] = msgspec.field(default_factory=dict)


class _Bell:
    """Takes the engine's notices as fast as they come, and keeps little of them."""

    def __init__(self) -> None:
        self.rung = asyncio.Event()
        self.over = False
        self.passing: deque[bytes] = deque(maxlen=_KEPT)
        self.lost = 0

    async def listen(self, engine: RunEngine, run_id: RunId) -> None:
        try:
            async for notice in engine.follow(run_id):
                if not isinstance(notice, RunEvent):
                    self.lost += len(self.passing) == _KEPT
                    self.passing.append(msgspec.json.encode(notice))
                self.rung.set()
        finally:
            self.over = True
            self.rung.set()


async def run_events(runs: RunStore, engine: RunEngine, run_id: RunId, *, after: int) -> AsyncIterator[bytes]:
    """The events of a run behind number ``after``, as they happen, until the run has ended."""
    bell = _Bell()
    listening = asyncio.create_task(bell.listen(engine, run_id), name="wherry-events")
    try:
        while True:
            # Read after the flag: whatever was committed before the run ended is among the rows then.
            over = bell.over
            bell.rung.clear()
            while events := await runs.events(run_id, after=after, limit=_BATCH):
                for event in events:
                    yield _recorded(event)
                after = events[-1].seq
            for chunk in _passing(bell):
                yield chunk
            if over:
                yield b"event: end\ndata: {}\n\n"
                return
            try:
                await asyncio.wait_for(bell.rung.wait(), _BEAT_SECONDS)
            except TimeoutError:
                yield b": still here\n\n"
    finally:
        listening.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await listening


def _passing(bell: _Bell) -> list[bytes]:
    chunks = []
    if bell.lost:
        chunks.append(b'event: gap\ndata: {"lost":%d}\n\n' % bell.lost)
        bell.lost = 0
    while bell.passing:
        chunks.append(b"event: progress\ndata: " + bell.passing.popleft() + b"\n\n")
    return chunks


def _recorded(event: RunEvent) -> bytes:
    data = _Wire(seq=event.seq, at=event.at, kind=event.kind.value, task=event.task or "", body=event.body)
    return b"id: %d\nevent: %b\ndata: %b\n\n" % (event.seq, event.kind.value.encode(), msgspec.json.encode(data))
