"""One attempt as the task host knows it, and how its end is judged."""

from __future__ import annotations

import enum
import time
from typing import Final

from wherry.launchers.process.log_cap import LogCap
from wherry.runtime.protocol import Header


class Stop(enum.Enum):
    """Why the host is ending an attempt."""

    CANCEL = "cancel"
    TIMEOUT = "timeout"


class HostedAttempt:
    """From the launch until its result is acknowledged and its processes are gone."""

    def __init__(self, launch: Header) -> None:
        self.id: Final[str] = launch["attempt"]
        self.task: Final[str] = launch["task"]
        self.component: Final[str] = launch["component"]
        self.folder: Final[str] = launch["folder"]
        self.timeout: Final[float | None] = launch["timeout"]
        self.grace: Final[float] = launch["grace"]
        self.log = LogCap(f"{self.folder}/log", launch["log_limit"])
        self.zygote_key = ""
        self.started_at: int | None = None
        self.stop: Stop | None = None
        self.result: Header | None = None
        self.output = b""
        self.alive = True
        self.acknowledged = False

    def judge(self, ended: Header) -> Header:
        """The end as it counts: whoever was being stopped was stopped, whatever it said at last."""
        match self.stop:
            case None:
                return ended
            case Stop.CANCEL:
                return self._ended("cancelled", None, ended)
            case Stop.TIMEOUT:
                failure = {
                    "fault": "user",
                    "reason": "timed-out",
                    "message": f"task {self.task!r} ran longer than its timeout of {self.timeout:g} s and was stopped",
                    "hint": "Raise the timeout of the task, or give it less to do. Its log shows how far it came.",
                }
                return self._ended("failed", failure, ended)

    def end_of(self, exit_message: Header) -> Header:
        """What the end of its process means when it made no report."""
        self.started_at = self.started_at or exit_message.get("at")
        failure = exit_message.get("failure") or {
            "fault": "user",
            "reason": "exited",
            "message": f"the process of task {self.task!r} ended with exit status 0 before component {self.component!r} returned",
            "hint": "Something called os._exit() or replaced the process. A component ends by returning.",
            "exit_code": 0,
        }
        return self._ended("failed", failure)

    def lost(self, why: str) -> Header:
        """It vanished, by no fault of its own."""
        failure = {
            "fault": "infrastructure",
            "reason": "lost",
            "message": f"task {self.task!r} was lost: {why}",
            "hint": "It is tried again if infrastructure retries are left.",
        }
        return self._ended("failed", failure)

    def not_started(self, why: str, hint: str) -> Header:
        """Its process could not be started."""
        failure = {
            "fault": "infrastructure",
            "reason": "launch",
            "message": f"task {self.task!r} could not be started: {why}",
            "hint": hint,
        }
        return self._ended("failed", failure)

    def _ended(self, outcome: str, failure: Header | None, told: Header | None = None) -> Header:
        ended: Header = {
            "op": "ended",
            "attempt": self.id,
            "outcome": outcome,
            "started_at": (told or {}).get("started_at") or self.started_at,
            "ended_at": time.time_ns() // 1000,
        }
        if failure:
            ended["failure"] = failure
        return ended
