"""Keeps a task's log within its limit, without a reader between the task and the file.

The task writes to the file itself, appending. From time to time the host looks at the size of the logs of tasks that
still run: one that has outgrown its limit is cut back to its head, and the last lines that were cut off are kept in
mind. When the task has ended the log is its head, a line that says how much is missing, and its tail. Offsets into the
head never move, so that a reader can follow the file while it grows.
"""

from __future__ import annotations

import contextlib
import os
from typing import Final

#: At most so much of the end is kept. Bytes.
TAIL: Final = 64 * 1024


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
        self._tail = b""
        self._cut = 0
        self._final: int | None = None

    def check(self) -> None:
        """Cut the log if it has outgrown its limit. Cheap if it has not."""
        with contextlib.suppress(OSError):
            size = os.stat(self._path).st_size  # noqa: PTH116  once per attempt, on its way to the result
            if size > (self._head if self._cut else self._limit):
                self._cut_back()

    def finish(self) -> None:
        """The task has reported or ended: leave head, marker and tail. Doing it again drops what came after."""
        if self._final is not None:
            with contextlib.suppress(OSError):
                os.truncate(self._path, self._final)
            return
        self.check()
        if not self._cut:
            return
        dropped = self._cut - len(self._tail)
        marker = f"\n[wherry] the log was longer than its limit of {self._limit} bytes: about {dropped} bytes are left out here\n"
        with contextlib.suppress(OSError), open(self._path, "ab") as file:  # noqa: PTH123  beside the calls above
            file.write(marker.encode() + self._tail)
            file.flush()
            self._final = file.tell()

    def _cut_back(self) -> None:
        handle = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        try:
            size = os.fstat(handle).st_size
            over = size - self._head
            new = os.pread(handle, min(over, self._keep_tail), size - min(over, self._keep_tail))
            # What is written between the two calls is cut uncounted; hence "about".
            os.ftruncate(handle, self._head)
        finally:
            os.close(handle)
        self._cut += over
        self._tail = (self._tail + new)[-self._keep_tail :]
