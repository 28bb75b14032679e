"""A stream of a task's log: no byte is missed or told twice, over attempts and connections."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable

import msgspec
import pytest

from wherry.errors import InvalidArgumentError, NotFoundError
from wherry.model.identity import AttemptId, Micros, RunId, TaskId, TaskKey
from wherry.model.runs import Attempt, RunEvent, RunEventKind, TaskKind, TaskRecord
from wherry.model.states import AttemptState, RuntimeState
from wherry.server.bell import Bell
from wherry.server.log_stream import LogReader, Place, read_place

RUN, TASK = RunId("r"), TaskKey("root/a")


def task(state: RuntimeState) -> TaskRecord:
    return TaskRecord(
        run_id=RUN, generation=1, key=TASK, id=TaskId("t"), parent=None, name="a", display_name="a", component="c",
        kind=TaskKind.RUNTIME, state=state, created_at=Micros(0),
    )  # fmt: skip


class Room:
    """A task whose attempts come, write and end when the test says so."""

    def __init__(self) -> None:
        self.task = task(RuntimeState.RUNNING)
        self.rows: dict[int, Attempt] = {}
        self.written: dict[str, bytes] = {}
        self._notices: asyncio.Queue[RunEvent] = asyncio.Queue()
        self._seq = 0

    def attempt(self, number: int, state: AttemptState = AttemptState.RUNNING) -> None:
        self.rows[number] = Attempt(
            id=AttemptId(str(number)), run_id=RUN, generation=1, task=TASK, number=number, token=1, state=state,
            created_at=Micros(number),
        )  # fmt: skip
        self._ring(RunEventKind.ATTEMPT_STARTED)

    def write(self, number: int, text: bytes) -> None:
        self.written[str(number)] = self.written.get(str(number), b"") + text

    def end(self, state: RuntimeState) -> None:
        self.task = task(state)
        self._ring(RunEventKind.TASK_ENDED)

    def _ring(self, kind: RunEventKind) -> None:
        self._seq += 1
        self._notices.put_nowait(RunEvent(run_id=RUN, seq=self._seq, at=Micros(0), kind=kind, task=TASK))

    # What the reader needs of a store, a launcher and an engine.

    async def attempts(self, run_id: RunId, generation: int | None = None) -> tuple[Attempt, ...]:
        assert (run_id, generation) == (RUN, 1)
        return tuple(self.rows.values())

    async def get_task(self, task_id: TaskId) -> TaskRecord:
        assert task_id == "t"
        return self.task

    def log(self, run_id: RunId, attempt_id: AttemptId, *, from_byte: int = 0, limit: int = 1 << 20) -> bytes:
        assert run_id == RUN
        return self.written.get(attempt_id, b"")[from_byte : from_byte + limit]

    async def follow(self, run_id: RunId) -> AsyncIterator[object]:
        assert run_id == RUN
        while True:
            yield await self._notices.get()

    def reader(self, number: int | None = None) -> LogReader:
        return LogReader(self, self, self.task, number=number)  # type: ignore[arg-type]  the methods it needs

    @contextlib.asynccontextmanager
    async def streamed(self, place: str = "", number: int | None = None) -> AsyncIterator[AsyncIterator[str]]:
        bell = Bell(self, RUN, asyncio.Event(), task=TASK)  # type: ignore[arg-type]  the one method it needs
        stream = self.reader(number).stream(bell, read_place(place))
        async with contextlib.aclosing(stream):
            yield (said(chunk) async for chunk in stream)


def said(chunk: bytes) -> str:
    """``id text`` of a piece, or how it ended."""
    fields = dict(line.split(": ", 1) for line in chunk.decode().strip().split("\n"))
    data = msgspec.json.decode(fields["data"])
    return f"{fields['id']} {data['text']}" if "id" in fields else f"end {data['attempt']} {data['state']}"


def all_of(room: Room, place: str = "", number: int | None = None) -> list[str]:
    async def told() -> list[str]:
        async with room.streamed(place, number) as stream:
            return [one async for one in stream]

    return asyncio.run(asyncio.wait_for(told(), 60))


def ended(*logs: bytes, task_state: RuntimeState = RuntimeState.SUCCEEDED) -> Room:
    """A task that has ended, with a log for each of its attempts."""
    room = Room()
    for number, log in enumerate(logs, start=1):
        room.attempt(number, AttemptState.SUCCEEDED if number == len(logs) else AttemptState.FAILED)
        room.write(number, log)
    room.end(task_state)
    return room


def test_the_log_of_an_ended_attempt_is_told_whole() -> None:
    assert all_of(ended(b"one\ntwo\n")) == ["1:8 one\ntwo\n", "end 1 SUCCEEDED"]


@pytest.mark.parametrize("place", ["1:4", "4"])
def test_a_reader_who_resumes_is_told_the_rest(place: str) -> None:
    assert all_of(ended(b"one\ntwo\n"), place) == ["1:8 two\n", "end 1 SUCCEEDED"]


def test_a_reader_of_the_task_is_told_the_newest_attempt() -> None:
    assert all_of(ended(b"first", b"second")) == ["2:6 second", "end 2 SUCCEEDED"]


def test_a_reader_who_resumes_within_an_earlier_attempt_is_told_its_rest_and_the_next() -> None:
    assert all_of(ended(b"first", b"second"), "1:3") == ["1:5 st", "2:6 second", "end 2 SUCCEEDED"]


def test_a_reader_of_one_attempt_is_told_that_alone() -> None:
    assert all_of(ended(b"first", b"second"), number=1) == ["1:5 first", "end 1 FAILED"]


def test_a_character_that_is_written_in_two_halves_is_told_whole() -> None:
    async def told() -> list[str]:
        room = Room()
        room.attempt(1)
        room.write(1, "ä".encode() + "é".encode()[:1])
        async with room.streamed() as stream:
            first = await anext(stream)
            room.write(1, "é".encode()[1:])
            return [first, await anext(stream)]

    assert asyncio.run(told()) == ["1:2 ä", "1:4 é"]


def test_what_is_no_utf8_is_told_as_a_sign_for_it_and_counted() -> None:
    assert all_of(ended(b"a\xff\xfeb\xc3")) == ["1:4 a\ufffd\ufffdb", "1:5 \ufffd", "end 1 SUCCEEDED"]


def test_a_retry_that_opens_while_a_reader_waits_is_told_next() -> None:
    async def told() -> list[str]:
        room = Room()
        room.attempt(1)
        room.write(1, b"first")
        async with room.streamed() as stream:
            seen = [await anext(stream)]
            room.attempt(1, AttemptState.FAILED)
            room.attempt(2)
            room.write(2, b"second")
            seen.append(await anext(stream))
            room.attempt(2, AttemptState.SUCCEEDED)
            room.end(RuntimeState.SUCCEEDED)
            return [*seen, *[one async for one in stream]]

    assert asyncio.run(told()) == ["1:5 first", "2:6 second", "end 2 SUCCEEDED"]


def test_a_task_that_has_not_begun_is_waited_for() -> None:
    async def told() -> list[str]:
        room = Room()
        async with room.streamed() as stream:
            first = asyncio.ensure_future(anext(stream))
            await asyncio.sleep(0)
            room.write(1, b"hello")
            room.attempt(1)
            return [await first]

    assert asyncio.run(told()) == ["1:5 hello"]


@pytest.mark.parametrize("number", [None, 2])
def test_what_never_will_have_a_log_is_not_found(number: int | None) -> None:
    room = ended(task_state=RuntimeState.SKIPPED)

    with pytest.raises(NotFoundError):
        asyncio.run(room.reader(number).check())


def test_a_place_is_read_as_it_was_written() -> None:
    assert [read_place(text) for text in ("", "7", "2:70")] == [Place(None, 0), Place(None, 7), Place(2, 70)]


def bad_places() -> Iterable[str]:
    return ("x", "-1", "1:", ":1", "1:2:3", "1.5", "1 ", "٣", "9" * 19)


@pytest.mark.parametrize("text", bad_places())
def test_a_place_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidArgumentError, match="Last-Event-ID"):
        read_place(text)
