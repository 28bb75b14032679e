"""What the engine, the task host, its zygotes and the tasks say to each other, and the record a task leaves.

A message is a frame: a JSON header that whoever passes it on reads, and a body that only its receiver reads. On
streams (engine to host, host to zygote) a `FrameReader` cuts them apart; a report (task to host) is one packet.

========  =============  ==================================================================================
op        from, to       header and body
========  =============  ==================================================================================
hello     engine, host   protocol, format, token; nothing is obeyed before it
welcome   host, engine   protocol, format
refused   host, engine   reason: ``stale-token`` or ``protocol``, with the host's own token and protocol
outdated  host, engine   protocol, attempts: an older host drains; the connection closes when these have ended
launch    engine, host   attempt, folder, task, component, zygote, code, timeout, grace, log_limit; body: the task
launch    host, zygote   attempt, task; body: the task
started   zygote, host, engine  attempt, at, pid
parked    zygote, host   parked: the name of a child that was forked ahead; with it comes the file of its socket
launch    host, child    attempt; body: the task. One packet, to a child that was forked ahead
given     host, zygote   attempt, task, parked: the child has been sent it; body: the task, or empty
returned  zygote, host   attempt: the child died before it took it
kill      host, zygote   attempt, signal
exit      zygote, host   attempt, at, failure: the process is gone, and every process it had started
refused   zygote, host   attempt, error: it could not be forked
ready     zygote, host   python
ended     task, host, engine  attempt, outcome, started_at, ended_at, failure; body: ExecutorOutput
exists    task, host     attempt: its folder was there already, nothing was run
attach    engine, host   attempt
attached  host, engine   attempt, known
cancel    engine, host   attempt
ack       engine, host   attempt: its result is committed
========  =============  ==================================================================================

Times are microseconds since 1970 UTC. ``outcome`` is ``succeeded``, ``failed`` or ``cancelled``; ``failure`` holds the
fields of `wherry.model.outcomes.Failure`, enums by value. ``code`` is a number that tells one component's source from
another's: a zygote that has compiled it need not be sent it again. Unknown header fields are ignored.
"""

# A task writes its record with few system calls and no path objects.
# ruff: noqa: PTH104, PTH123

from __future__ import annotations

import contextlib
import os
import struct
from typing import Any

from wherry.runtime import json_text

#: Version of the messages. A host meets an engine of a higher one by draining.
PROTOCOL = 2

#: Version of the exit record and of the attempt's folder.
FORMAT = 1

#: Name of the record in the attempt's folder.
RECORD = "exit.json"

#: Environment variable that the host gives its zygotes and that every process of a task keeps: whose it is.
MARK = "WHERRY_TASK_OF"

#: A longer body does not travel in a report: whoever wants it reads it from the record.
REPORT_LIMIT = 64 * 1024

#: A longer task does not travel in a packet to a parked child: it is forked.
PACKET_LIMIT = 64 * 1024

_MAX_HEADER = 1 << 20
_MAX_BODY = 1 << 28
_LENGTHS = struct.Struct(">II")

Header = dict[str, Any]
Frame = tuple[Header, bytes]


class ProtocolError(Exception):
    """The bytes are no frame of ours: the connection is of no further use."""


def encode(header: Header, body: bytes = b"") -> bytes:
    """One frame.

    Raises:
        ProtocolError: the header is over 1 MiB or the body over 256 MiB.
    """
    head = json_text.write(header).encode()
    if len(head) > _MAX_HEADER or len(body) > _MAX_BODY:
        raise ProtocolError(f"a message of {len(head)} + {len(body)} bytes is too long")
    return _LENGTHS.pack(len(head), len(body)) + head + body


def decode(packet: bytes) -> Frame:
    """The one frame of a packet.

    Raises:
        ProtocolError: it holds anything else.
    """
    frames = FrameReader().feed(packet)
    if len(frames) != 1:
        raise ProtocolError(f"a packet of {len(packet)} bytes holds {len(frames)} messages instead of one")
    return frames[0]


class FrameReader:
    """Cuts a stream of bytes into frames, however it arrives."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that are complete with ``data``; what is left waits for more.

        Raises:
            ProtocolError: the lengths are out of bounds or a header is not a JSON object.
        """
        rest = self._rest
        rest += data
        frames = []
        start = 0
        while len(rest) - start >= _LENGTHS.size:
            head, body = _LENGTHS.unpack_from(rest, start)
            if head > _MAX_HEADER or body > _MAX_BODY:
                raise ProtocolError(f"a message claims {head} + {body} bytes")
            at = start + _LENGTHS.size
            end = at + head + body
            if len(rest) < end:
                break
            frames.append((_header(bytes(rest[at : at + head])), bytes(rest[at + head : end])))
            start = end
        del rest[:start]
        return frames


def _header(raw: bytes) -> Header:
    try:
        header = json_text.read(raw)
    except ValueError as error:
        raise ProtocolError(f"a message header is not JSON: {error}") from error
    if not isinstance(header, dict) or not isinstance(header.get("op"), str):
        raise ProtocolError("a message header is not an object with an op")
    return header


def write_record(folder: str, ended: Header, output: bytes) -> None:
    """Leave the record of an attempt: a JSON object with the fields of ``ended`` and the ExecutorOutput as ``output``.

    It appears whole or not at all. Not synchronised to the disk: it guards against a dead host, not a power cut.

    Raises:
        OSError: the folder is gone, or the disk full.
    """
    head = json_text.write({"format": FORMAT, **ended}).encode()
    text = head[:-1] + b',"output":' + (output or b"null") + b"}"
    path = folder + "/" + RECORD
    passing = path + ".tmp"
    handle = os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        view = memoryview(text)
        while view:
            view = view[os.write(handle, view) :]
    finally:
        os.close(handle)
    os.rename(passing, path)


def read_record(folder: str) -> Frame | None:
    """The header and body of the ``ended`` message that an attempt's record stands for; None if it left none.

    Raises:
        ProtocolError: the record is of a newer format, or damaged.
    """
    raw = b""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), open(folder + "/" + RECORD, "rb") as file:
        raw = file.read()
    if not raw:
        return None
    try:
        record = json_text.read(raw)
        if record["format"] > FORMAT:
            raise ProtocolError(f"{folder}/{RECORD} is of format {record['format']}; this wherry reads up to {FORMAT}")
        output = record.pop("output")
        del record["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise ProtocolError(f"{folder}/{RECORD} is damaged: {error!r}") from error
    return record, b"" if output is None else json_text.write(output).encode()
