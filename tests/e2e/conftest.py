import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import Command


@pytest.fixture
def wherry(tmp_path: Path) -> Iterator[Command]:
    command = Command(tmp_path / "state")
    yield command
    for pid in command.host_pids():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
