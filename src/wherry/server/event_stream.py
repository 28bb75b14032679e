"""A run's history as server-sent events: rows, in order, so that nothing is missed or told twice.

The engine's notices of what it has committed are passed on as long as their numbers follow each other; wherever they do
not, the rows are read. What is of interest while it lasts (a task's environment being made) is passed
on as it comes; a reader who is too slow for it is told that there is a gap. Recorded events have none.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Final

import msgspec

from wherry.model.identity import RunId
from wherry.model.runs import RunEvent, RunEventKind
from wherry.ports import RunStore
from wherry.server.bell import Bell

_BATCH: Final = 200
_BEAT_SECONDS: Final = 15.0
BEAT: Final = b": still here\n\n"
"""Says that the connection lives; a comment, which readers skip."""


class _Wire(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an event's data looks like."""

    seq: int
    at: int
    kind: str
    task: str = ""
    body: dict[str, object] = msgspec.field(default_factory=dict)


async def run_events(runs: RunStore, run_id: RunId, bell: Bell, *, after: int) -> AsyncIterator[bytes]:
    """The events of a run behind number ``after``, as they happen, until the run has ended or the server stops.

    Args:
        runs: has the rows.
        run_id: whose events.
        bell: of the same run; opened and closed here. If it rings for one kind of event, the others are not told.
        after: the number of the last event that the reader has.
    """
    async with bell:
        while True:
            # Read after the flag: whatever was committed before the run ended is among the rows then.
            over = bell.over
            if news := bell.recorded(after):
                yield _recorded(news, bell.kind)  # all of that kind: no others ring
                after = news[-1].seq
            # What comes after such news rings again; without them, or at the end, only the rows know.
            while (over or not news) and (events := await runs.events(run_id, after=after, limit=_BATCH)):
                if told := _recorded(events, bell.kind):
                    yield told
                after = events[-1].seq
            for chunk in _passing(bell):
                yield chunk
            if over:
                yield b"event: end\ndata: {}\n\n"
                return
            rung = await bell.wait(_BEAT_SECONDS)
            if bell.stopping:
                return
            if not rung:
                yield BEAT


def _passing(bell: Bell) -> list[bytes]:
    chunks = []
    if bell.lost:
        chunks.append(b'event: gap\ndata: {"lost":%d}\n\n' % bell.lost)
        bell.lost = 0
    while bell.passing:
        chunks.append(b"event: progress\ndata: " + msgspec.json.encode(bell.passing.popleft()) + b"\n\n")
    return chunks


def _recorded(events: Sequence[RunEvent], kind: RunEventKind | None) -> bytes:
    return b"".join(_frame(event) for event in events if kind is None or event.kind is kind)


def _frame(event: RunEvent) -> bytes:
    data = _Wire(seq=event.seq, at=event.at, kind=event.kind.value, task=event.task or "", body=event.body)
    return b"id: %d\nevent: %b\ndata: %b\n\n" % (event.seq, event.kind.value.encode(), msgspec.json.encode(data))
