"""Server-sent events, read: a run's history as it is written, resumed where a connection broke."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import msgspec

from wherry.model.identity import Json, Micros, RunId, TaskKey
from wherry.model.runs import RunEvent, RunEventKind

_KINDS: Final = {kind.value: kind for kind in RunEventKind}
_LONGEST: Final = 64 << 20


class TaskProgress(msgspec.Struct, frozen=True, kw_only=True):
    """Something a person waiting would like to know, such as "installing pandas". Not recorded, may be missed."""

    run_id: RunId
    task: TaskKey
    message: str


class ServerAway(msgspec.Struct, frozen=True):
    """The server does not answer: it is tried again. Said once each time it goes away."""


class StreamEnded(msgspec.Struct, frozen=True):
    """The run has ended, and everything recorded of it was told."""


@dataclass(frozen=True)
class Frame:
    """One server-sent event as it stands on the wire."""

    event: str = "message"
    data: str = ""
    id: str = ""


class _Recorded(msgspec.Struct, frozen=True, kw_only=True):
    seq: int
    at: int
    kind: str
    task: str = ""
    body: dict[str, Json] = msgspec.field(default_factory=dict)


@dataclass
class _Draft:
    event: str = "message"
    data: list[str] = field(default_factory=list)
    id: str = ""


def frames(lines: Iterable[bytes]) -> Iterator[Frame]:
    """The events in a stream's lines, by the rules of the HTML standard. One that is cut off at the end is none."""
    draft = _Draft()
    for raw in lines:
        if not raw.endswith(b"\n"):
            return
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
        if not line:
            if draft.data:
                yield Frame(draft.event, "\n".join(draft.data), draft.id)
            draft = _Draft()
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match name:
            case "event":
                draft.event = value
            case "data":
                draft.data.append(value)
            case "id":
                draft.id = value
            case _:
                pass  # a comment, or something that later versions send


def notice_of(frame: Frame, run_id: RunId) -> RunEvent | TaskProgress | StreamEnded | None:
    """What a frame says about a run; None for what this version does not know.

    Raises:
        msgspec.MsgspecError: the data is not what the event's name promises.
    """
    match frame.event:
        case "end":
            return StreamEnded()
        case "progress":
            return msgspec.json.decode(frame.data, type=TaskProgress)
        case name if name in _KINDS:
            found = msgspec.json.decode(frame.data, type=_Recorded)
            return RunEvent(
                run_id=run_id,
                seq=found.seq,
                at=Micros(found.at),
                kind=_KINDS[name],
                task=TaskKey(found.task) if found.task else None,
                body=found.body,
            )
        case _:
            return None
