"""Keeps a task's log within its limit, without a reader between the task and the file.

The task appends to the file itself. From time to time the host looks at the logs of tasks that still run: of one that
has outgrown its limit the middle is given back to the file system (a hole: the size stays, the blocks go), all but
its end. When the task has ended the log is its head, a line that says how much is missing, and its tail. Offsets into
the head never move, so a reader can follow the file while it grows; it stops at the hole (`wherry.launchers.process.logs`).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterator
from typing import Final

#: At most so much of the end is kept. Bytes.
TAIL: Final = 64 * 1024

_KEEP_SIZE = 1
_PUNCH_HOLE = 2


class LogCap:
    """The log of one attempt.

    Args:
        path: the file; it may not be there yet.
        limit: bytes in all, the marker aside. The tail takes a quarter of it, at most 64 KiB.
    """

    def __init__(self, path: str, limit: int) -> None:
        self._path = path
        self._keep_tail = min(TAIL, limit // 4)
        self._head = limit - self._keep_tail
        self._limit = limit
        #: What was cut off where holes cannot be made: its length, and its end.
        self._cut = 0
        self._cut_tail = b""
        self._final: int | None = None

    def check(self) -> None:
        """Shrink the log if it has outgrown its limit. Cheap if it has not."""
        with contextlib.suppress(OSError):
            if os.stat(self._path).st_size > self._limit:  # noqa: PTH116  no path objects in the host
                with self._opened() as log:
                    self._shrink(log)

    def finish(self) -> None:
        """The task has reported or ended: leave head, marker and tail. Doing it again drops what came after."""
        with contextlib.suppress(OSError):
            if self._final is not None:
                os.truncate(self._path, self._final)
            elif os.stat(self._path).st_size > self._limit or self._cut:  # noqa: PTH116  the same
                with self._opened() as log:
                    self._final = self._put_together(log)

    @contextlib.contextmanager
    def _opened(self) -> Iterator[int]:
        log = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        try:
            yield log
        finally:
            os.close(log)

    def _shrink(self, log: int) -> None:
        size = os.fstat(log).st_size
        try:
            _punch(log, self._head, size - self._keep_tail - self._head)
        except OSError:
            # Cut it back instead. What is written between these calls is lost uncounted; hence "about".
            self._cut_tail = self._tail(log, size)
            self._cut += size - self._head
            os.ftruncate(log, self._head)

    def _tail(self, log: int, size: int) -> bytes:
        own = min(self._keep_tail, max(0, size - self._head))
        return (self._cut_tail + os.pread(log, own, size - own))[-self._keep_tail :]

    def _put_together(self, log: int) -> int:
        size = os.fstat(log).st_size
        tail = self._tail(log, size)
        dropped = self._cut + size - self._head - len(tail)
        marker = (
            f"\n[wherry] the log was longer than its limit of {self._limit} bytes: "
            f"about {dropped} bytes are left out here\n"
        )
        os.pwrite(log, marker.encode() + tail, self._head)
        final = self._head + len(marker) + len(tail)
        os.ftruncate(log, final)
        return final


def _punch(log: int, start: int, length: int) -> None:
    """Make a hole. OSError where the file system has none."""
    fallocate = ctypes.CDLL(None, use_errno=True).fallocate
    fallocate.argtypes = ctypes.c_int, ctypes.c_int, ctypes.c_long, ctypes.c_long
    if fallocate(log, _KEEP_SIZE | _PUNCH_HOLE, start, length):
        raise OSError(ctypes.get_errno(), "fallocate")
