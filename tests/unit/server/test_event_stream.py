"""A stream of a run's events: rows without gaps, whatever lasts with them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import msgspec

from wherry.engine.followers import TaskProgress
from wherry.model.identity import Micros, RunId, TaskKey
from wherry.model.runs import RunEvent, RunEventKind
from wherry.server.bell import Bell
from wherry.server.event_stream import run_events

RUN = RunId("r")


def event(seq: int, kind: RunEventKind = RunEventKind.TASK_STARTED) -> RunEvent:
    return RunEvent(run_id=RUN, seq=seq, at=Micros(seq), kind=kind)


def progress(number: int) -> TaskProgress:
    return TaskProgress(run_id=RUN, task=TaskKey("root/a"), message=f"line {number}")


class History:
    """A run whose events are recorded and noticed when the test says so."""

    def __init__(self) -> None:
        self.rows: list[RunEvent] = []
        self._notices: asyncio.Queue[object] = asyncio.Queue()

    def happen(self, *notices: object) -> None:
        for notice in notices:
            if isinstance(notice, RunEvent):
                self.rows.append(notice)
            self._notices.put_nowait(notice)

    async def follow(self, run_id: RunId) -> AsyncIterator[object]:
        assert run_id == RUN
        while True:
            notice = await self._notices.get()
            self._notices.task_done()
            yield notice
            if isinstance(notice, RunEvent) and notice.kind is RunEventKind.RUN_ENDED:
                return

    async def all_noticed(self) -> None:
        await self._notices.join()

    async def events(self, run_id: RunId, *, after: int = 0, limit: int = 1000) -> list[RunEvent]:
        assert run_id == RUN
        return [row for row in self.rows if row.seq > after][:limit]

    @contextlib.asynccontextmanager
    async def streamed(
        self, *, after: int = 0, stopping: asyncio.Event | None = None, kind: RunEventKind | None = None
    ) -> AsyncIterator[AsyncIterator[str]]:
        bell = Bell(self, RUN, stopping or asyncio.Event(), kind=kind)  # type: ignore[arg-type]  half an engine will do
        stream = run_events(self, RUN, bell, after=after)  # type: ignore[arg-type]  the one method it needs
        async with contextlib.aclosing(stream):
            yield (kind_of(frame) async for chunk in stream for frame in chunk.split(b"\n\n") if frame)


def kind_of(chunk: bytes) -> str:
    """The event's name, with its number or what it says."""
    fields = dict(line.split(": ", 1) for line in chunk.decode().strip().splitlines())
    data = msgspec.json.decode(fields["data"])
    return " ".join(
        str(one) for one in (fields["event"], *(data[key] for key in ("seq", "lost", "message") if key in data))
    )


def test_recorded_events_come_in_order_and_then_those_that_follow() -> None:
    async def told() -> list[str]:
        history = History()
        history.happen(event(1), event(2))
        async with history.streamed(after=1) as stream:
            first = await anext(stream)
            history.happen(event(3, RunEventKind.RUN_ENDED))
            return [first, *[one async for one in stream]]

    assert asyncio.run(told()) == ["task.started 2", "run.ended 3", "end"]


def test_a_reader_who_does_not_read_is_told_of_the_gap_and_misses_no_recorded_event() -> None:
    async def told() -> list[str]:
        history = History()
        history.happen(event(1))
        async with history.streamed() as stream:
            first = await anext(stream)
            history.happen(*(progress(number) for number in range(250)), event(2, RunEventKind.RUN_ENDED))
            await history.all_noticed()
            return [first, *[one async for one in stream]]

    seen = asyncio.run(told())

    assert seen[:2] == ["task.started 1", "gap 150"]
    assert seen[2:] == [f"progress line {number}" for number in range(150, 250)] + ["run.ended 2", "end"]


def test_events_that_follow_each_other_are_passed_on_without_a_look_into_the_rows() -> None:
    async def told() -> list[str]:
        history = History()
        history.happen(event(1))
        async with history.streamed() as stream:
            first = await anext(stream)
            history.happen(event(2))
            history.rows.clear()
            return [first, await anext(stream)]

    assert asyncio.run(told()) == ["task.started 1", "task.started 2"]


def test_more_events_than_are_kept_come_from_the_rows_in_order() -> None:
    async def told() -> list[str]:
        history = History()
        history.happen(event(1))
        async with history.streamed() as stream:
            first = await anext(stream)
            history.happen(*(event(number) for number in range(2, 500)), event(500, RunEventKind.RUN_ENDED))
            await history.all_noticed()
            return [first, *[one async for one in stream]]

    seen = asyncio.run(told())

    assert seen == [*(f"task.started {number}" for number in range(1, 500)), "run.ended 500", "end"]


def test_a_server_that_stops_breaks_the_stream_off_without_an_end() -> None:
    async def told() -> list[str]:
        history, stopping = History(), asyncio.Event()
        history.happen(event(1))
        async with history.streamed(stopping=stopping) as stream:
            first = await anext(stream)
            stopping.set()
            return [first, *[one async for one in stream]]

    assert asyncio.run(told()) == ["task.started 1"]


def test_who_asks_for_one_kind_of_event_hears_of_no_other() -> None:
    async def told() -> list[str]:
        history = History()
        history.happen(event(1, RunEventKind.RUN_STARTED), event(2))
        async with history.streamed(kind=RunEventKind.RUN_ENDED) as stream:
            history.happen(progress(1), event(3), event(4, RunEventKind.RUN_ENDED))
            return [one async for one in stream]

    assert asyncio.run(told()) == ["run.ended 4", "end"]
