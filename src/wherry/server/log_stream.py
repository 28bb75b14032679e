"""The log of a task as server-sent events, as the task writes it.

The log itself is what is read again and again, so a reader who is slow, or comes back, misses nothing: ids of events
say up to which byte of which attempt they go, and whoever resumes reads on from there.
"""

from __future__ import annotations

import asyncio
import codecs
import re
from collections.abc import AsyncIterator
from typing import Final, NamedTuple

import msgspec

from wherry.errors import InvalidArgumentError, NotFoundError
from wherry.model.runs import Attempt, TaskRecord
from wherry.ports import RunStore, StreamsLogs
from wherry.server.bell import Bell
from wherry.server.event_stream import BEAT

_CHUNK: Final = 1 << 16
_SOONEST_SECONDS: Final = 0.1
_LATEST_SECONDS: Final = 1.0
"""How often a log that grows, and one that does not, is looked at. Nobody tells of a line."""
_BEAT_SECONDS: Final = 15.0
_PLACE: Final = re.compile(r"(?:([0-9]{1,9}):)?([0-9]{1,18})")


class Place(NamedTuple):
    """Where in the logs of a task a reader is."""

    attempt: int | None
    """None: the one that is asked for."""
    offset: int
    """Bytes that have been read of it."""


class _Piece(msgspec.Struct, frozen=True, kw_only=True):
    """Data of a ``log`` event."""

    attempt: int
    text: str


class _End(msgspec.Struct, frozen=True, kw_only=True):
    """Data of the ``end`` event."""

    attempt: int | None
    state: str


def read_place(text: str) -> Place:
    """What ``Last-Event-ID`` says: ``ATTEMPT:OFFSET`` as the stream wrote it, or an offset alone; empty: the beginning.

    Raises:
        InvalidArgumentError: it is neither.
    """
    if not text:
        return Place(None, 0)
    found = _PLACE.fullmatch(text)
    if found is None or not text.isascii():
        raise InvalidArgumentError(
            f"Last-Event-ID is '{text[:32]}', which is no place in a log", hint="Such as 1:2048, or 2048."
        )
    return Place(None if found[1] is None else int(found[1]), int(found[2]))


class LogReader:
    """Reads the logs of one task.

    Args:
        runs: has the task and its attempts.
        logs: has the logs.
        task: whose.
        number: of the attempt that is asked for; None: the newest, and those that follow while it is read.
    """

    def __init__(self, runs: RunStore, logs: StreamsLogs, task: TaskRecord, *, number: int | None) -> None:
        self._runs = runs
        self._logs = logs
        self._task = task
        self._number = number

    async def check(self) -> None:
        """Refuse what never will have a log.

        Raises:
            NotFoundError: the task has no such attempt, and will have none.
        """
        attempts = await self._attempts()
        if self._number is None and not attempts and self._task.state.is_final:
            raise NotFoundError(
                f"task '{self._task.name}' has no attempt", hint="A task that was reused or skipped has none."
            )
        if self._number is not None and self._number not in {one.number for one in attempts}:
            raise NotFoundError(f"task '{self._task.name}' has no attempt {self._number}")

    async def stream(self, bell: Bell, place: Place) -> AsyncIterator[bytes]:
        """What is behind ``place``, and what follows, until there can be no more or the server stops.

        Args:
            bell: of the task's run; opened and closed here.
            place: what the reader has.
        """
        number, offset = self._number or place.attempt, place.offset
        pause, quiet, rung = _SOONEST_SECONDS, 0.0, True
        async with bell:
            while not bell.stopping:
                if rung:
                    # The log is read after the rows: what an attempt wrote before it was recorded as ended is in it.
                    over, attempts = bell.over, await self._attempts()
                    task = await self._runs.get_task(self._task.id)
                current = _current(attempts, number)
                before = offset
                if current is not None:
                    number = current.number
                    while found := await self._next(current, offset):
                        piece, offset = found
                        yield piece
                    if self._goes_on_with(attempts, current):
                        number, offset, rung = current.number + 1, 0, False
                        continue
                if over or self._is_done(current, task):
                    yield _end(current, task)
                    return
                pause = _SOONEST_SECONDS if offset != before else min(2 * pause, _LATEST_SECONDS)
                quiet = 0.0 if offset != before else quiet + pause
                if quiet > _BEAT_SECONDS:
                    yield BEAT
                    quiet = 0.0
                rung = await bell.wait(pause)

    def _goes_on_with(self, attempts: list[Attempt], current: Attempt) -> bool:
        """Whether there is another attempt to go on with, and the current one has been read."""
        return self._number is None and current.state.is_final and current.number < attempts[-1].number

    def _is_done(self, current: Attempt | None, task: TaskRecord) -> bool:
        if self._number is not None:
            return current is not None and current.state.is_final
        return task.state.is_final and (current is None or current.state.is_final)

    async def _attempts(self) -> list[Attempt]:
        """Of the task, in order."""
        found = await self._runs.attempts(self._task.run_id, self._task.generation)
        return sorted((one for one in found if one.task == self._task.key), key=lambda one: one.number)

    async def _next(self, attempt: Attempt, offset: int) -> tuple[bytes, int] | None:
        """An event for what the log has behind an offset, and the offset behind that; None if it has nothing yet."""
        chunk = await asyncio.to_thread(self._logs.log, attempt.run_id, attempt.id, from_byte=offset, limit=_CHUNK)
        taken = _whole_characters(chunk)
        if not taken and attempt.state.is_final:
            taken = chunk
        if not taken:
            return None
        offset += len(taken)
        piece = _Piece(attempt=attempt.number, text=taken.decode(errors="replace"))
        return _event("log", f"{attempt.number}:{offset}", piece), offset


def _current(attempts: list[Attempt], number: int | None) -> Attempt | None:
    """The attempt of a number, or the newest."""
    found = [one for one in attempts if number is None or one.number == number]
    return found[-1] if found else None


def _end(current: Attempt | None, task: TaskRecord) -> bytes:
    if current is None:
        return _event("end", None, _End(attempt=None, state=task.state.value))
    return _event("end", None, _End(attempt=current.number, state=current.state.value))


def _whole_characters(chunk: bytes) -> bytes:
    """``chunk`` without a character of UTF-8 that is cut off at its end."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    decoder.decode(chunk)
    pending, _ = decoder.getstate()
    return chunk[: len(chunk) - len(pending)]


def _event(kind: str, place: str | None, data: msgspec.Struct) -> bytes:
    head = f"id: {place}\n" if place is not None else ""
    return f"{head}event: {kind}\ndata: ".encode() + msgspec.json.encode(data) + b"\n\n"
