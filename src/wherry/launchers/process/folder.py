"""Where the process launcher keeps things in the state folder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from wherry.errors import LauncherError
from wherry.model.identity import AttemptId, RunId
from wherry.runtime.protocol import Frame, ProtocolError, read_record


@dataclass(frozen=True)
class LauncherFolder:
    """Paths below a state folder.

    ``host/`` holds the task host's lock, address and log; ``attempts/<run id>/<attempt id>/`` an attempt's log, exit
    record and working folder; ``environments/`` the Python environments. All private to the user.
    """

    state: Path

    @property
    def host(self) -> Path:
        """The task host's own folder."""
        return self.state / "host"

    @property
    def environments(self) -> Path:
        """The Python environments."""
        return self.state / "environments"

    def attempt(self, run_id: RunId, attempt_id: AttemptId) -> Path:
        """The folder of an attempt. It is there if, and only if, the attempt's process was started."""
        return self.state / "attempts" / run_id / attempt_id

    def find(self, attempt_id: AttemptId) -> Path | None:
        """The folder of an attempt of an unknown run; None if it was never started."""
        with os.scandir(self.state / "attempts") as runs:
            for run in runs:
                found = Path(run.path, attempt_id)
                if found.is_dir():
                    return found
        return None

    def make(self) -> None:
        """Make what must be there first."""
        for folder in (self.host, self.state / "attempts"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def record(folder: Path) -> Frame | None:
    """Header and body of the message that an attempt's exit record stands for; None if there is none.

    Raises:
        LauncherError: a newer wherry wrote it, or it is damaged.
    """
    try:
        return read_record(str(folder))
    except ProtocolError as error:
        raise LauncherError(str(error), hint="Use the wherry that ran this, or run it again.") from error
