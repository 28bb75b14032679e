"""How a task tells its end: the record in its folder, then one packet to the host, then it is gone."""

from __future__ import annotations

import os
import socket
import time
from typing import Any, NoReturn

from wherry.runtime.protocol import REPORT_LIMIT, Header, encode, write_record

#: Exit status of a task's process that could not even report.
BROKEN = 70


#: How much nicer a process is once it has reported. Not more: on a busy machine those that leave must not pile up.
_LEAVING = 10


def now() -> int:
    """Microseconds since 1970 UTC."""
    return time.time_ns() // 1000


class Reporter:
    """Leaves the record, tells the host, ends the process."""

    def __init__(self, attempt: str, folder: str, reports: socket.socket) -> None:
        self._attempt = attempt
        self._folder = folder
        self._reports = reports
        self.started_at: int | None = None

    def end(self, output: bytes, failure: dict[str, Any] | None) -> NoReturn:
        """Tell how the user's code ended: its ExecutorOutput as JSON, or its failure. Then leave."""
        try:
            self.tell(output, failure)
        except OSError as error:
            self.give_up(f"the result could not be written to {self._folder!r}: {error}")
        _let_others_go_on()
        os._exit(1 if failure else 0)

    def tell(self, output: bytes, failure: dict[str, Any] | None) -> None:
        """Leave the record, and tell the host.

        Raises:
            OSError: the record could not be written.
        """
        ended = self._ended("failed" if failure else "succeeded", failure)
        write_record(self._folder, ended, output)
        if len(output) > REPORT_LIMIT:
            ended["in_record"] = True
            output = b""
        self._reports.send(encode(ended, output))

    def give_up(self, message: str) -> NoReturn:
        """Tell that this machine, not the task, is at fault. There is no record: the disk may be the trouble."""
        failure = {
            "fault": "infrastructure",
            "reason": "launch",
            "message": message,
            "hint": "See whether the disk is full and who owns the state folder.",
        }
        self._reports.send(encode(self._ended("failed", failure)))
        os._exit(BROKEN)

    def _ended(self, outcome: str, failure: dict[str, Any] | None) -> Header:
        ended: Header = {
            "op": "ended",
            "attempt": self._attempt,
            "outcome": outcome,
            "started_at": self.started_at,
            "ended_at": now(),
        }
        if failure:
            ended["failure"] = failure
        return ended


def _let_others_go_on() -> None:
    """Leave the processor to the host, which reads the report, and to the engine, which starts what waits for it.

    What comes now, giving a process's memory back, takes as long as running a small task, and nobody waits for it. Left
    to itself, the kernel has it done first.
    """
    os.sched_yield()
    os.nice(_LEAVING)
