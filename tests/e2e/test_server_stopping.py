"""How a server is told to stop, and what becomes of the runs that have not ended."""

import contextlib
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import PIPELINES, Command
from served import Followed, Served, end_processes, start

CTRL_C = b"\x03"
QUESTION = "1 run(s) have not ended"


class Terminal:
    """``wherry up`` at a terminal of its own."""

    def __init__(self, command: Command) -> None:
        self._near, far = pty.openpty()
        self.process = subprocess.Popen(
            [
                *("setsid", "--ctty", str(Path(sys.executable).parent / "wherry")),
                *("up", "--port", "0", "--state", str(command.state)),
            ],
            stdin=far,
            stdout=far,
            stderr=far,
            env={**os.environ, "TERM": "dumb"},
        )
        os.close(far)
        self._seen = ""
        url = self.read_until(r"Wherry serves (\S+)")
        self.server = Served(command, self.process, url)  # type: ignore[arg-type]  bytes, which nobody reads

    def type(self, keys: bytes) -> None:
        os.write(self._near, keys)

    def read_until(self, pattern: str, seconds: float = 60) -> str:
        """Wait for something to be printed after what was waited for before; returns its first group."""
        until = time.monotonic() + seconds
        while (found := re.search(pattern, self._seen)) is None:
            ready, _, _ = select.select([self._near], [], [], max(0.0, until - time.monotonic()))
            assert ready, self._seen
            try:
                self._seen += os.read(self._near, 65536).decode()
            except OSError:  # the other end is closed
                raise AssertionError(self._seen) from None
        self._seen = self._seen[found.end() :]
        return found.group(1) if found.groups() else found.group()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(30)
        os.close(self._near)


@pytest.fixture
def terminal(wherry: Command) -> Iterator[Terminal]:
    terminal = Terminal(wherry)
    yield terminal
    terminal.close()


@pytest.fixture(scope="module")
def hanging(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("hanging")
    done = Command(folder / "unused")(
        "compile", str(PIPELINES / "failures.py"), "--function", "hanging", "-o", str(folder / "hanging.yaml")
    )
    assert done.returncode == 0, done.stdout
    return (folder / "hanging.yaml").read_bytes()


def hang(server: Served, package: bytes) -> str:
    """Path of a run whose task has begun and never ends."""
    pipeline = server.upload("/pipelines/upload?name=hanging", "hanging.yaml", package).json
    body = {
        "display_name": "hanging",
        "pipeline_version_reference": {"pipeline_id": pipeline["pipeline_id"]},
    }
    run = f"/runs/{server.post('/runs', body).json['run_id']}"
    states: dict[str, str] = {}
    while states.get("hangs") != "RUNNING":
        states = {task["name"]: task["state"] for task in server.get(run + "/tasks").json.get("tasks", ())}
    return run


def test_ctrl_c_without_unfinished_runs_stops_at_once(terminal: Terminal) -> None:
    terminal.type(CTRL_C)

    terminal.read_until(r"Stopped\.")
    assert terminal.process.wait(30) == 0


def test_ctrl_c_asks_and_keeps_serving_when_told_to(terminal: Terminal, hanging: bytes) -> None:
    run = hang(terminal.server, hanging)

    terminal.type(CTRL_C)
    terminal.read_until(re.escape(QUESTION))
    terminal.type(b"k\n")
    terminal.read_until("Serving on")

    assert terminal.server.get(run).json["state"] == "RUNNING"


def test_ctrl_c_asks_and_cancels_when_told_to(terminal: Terminal, hanging: bytes) -> None:
    run = hang(terminal.server, hanging)

    terminal.type(CTRL_C)
    terminal.read_until(re.escape(QUESTION))
    terminal.type(b"c\n")
    terminal.read_until(r"Stopped\.")

    assert terminal.process.wait(30) == 0
    assert state_at_next_start(terminal.server.command, run) == "FAILED"  # as KFP writes a terminated run


def test_ctrl_c_asks_and_leaves_runs_running_when_told_to(terminal: Terminal, hanging: bytes) -> None:
    run = hang(terminal.server, hanging)

    terminal.type(CTRL_C)
    terminal.read_until(re.escape(QUESTION))
    terminal.type(b"l\n")
    terminal.read_until(r"Stopped\.")

    assert terminal.process.wait(30) == 0
    assert state_at_next_start(terminal.server.command, run) == "RUNNING"


def test_an_answer_that_is_none_is_asked_for_again(terminal: Terminal, hanging: bytes) -> None:
    hang(terminal.server, hanging)

    terminal.type(CTRL_C)
    terminal.read_until(re.escape(QUESTION))
    terminal.type(b"what?\n")
    terminal.read_until(re.escape(QUESTION))


@pytest.mark.parametrize("again", [CTRL_C, b""], ids=["a second Ctrl-C", "SIGTERM"])
def test_nobody_has_to_answer(terminal: Terminal, hanging: bytes, again: bytes) -> None:
    run = hang(terminal.server, hanging)
    terminal.type(CTRL_C)
    terminal.read_until(re.escape(QUESTION))

    if again:
        terminal.type(again)
    else:
        terminal.process.send_signal(signal.SIGTERM)
    terminal.read_until(r"Stopped\.")

    assert terminal.process.wait(30) == 0
    assert state_at_next_start(terminal.server.command, run) == "RUNNING"


def state_at_next_start(command: Command, run: str) -> str:
    server = start(command)
    try:
        return str(server.get(run).json["state"])
    finally:
        server.end()


def test_a_reader_of_events_holds_no_stop_up(wherry: Command, hanging: bytes) -> None:
    server = start(wherry)
    run = hang(server, hanging)
    followed = Followed(run.removeprefix("/runs/"))
    with contextlib.closing(followed.opened(server)) as stream:
        stream.readline()

        output = server.stop(signal.SIGTERM)

    assert "Stopped." in output
    assert "Traceback" not in output
    assert server.process.returncode == 0
    end_processes(wherry)


def test_a_second_server_leaves_before_it_listens(wherry: Command) -> None:
    first = start(wherry)

    began = time.monotonic()
    done = wherry("up", "--port", "0")
    took = time.monotonic() - began
    first.stop()

    assert done.returncode != 0
    assert f"process {first.process.pid}" in done.stdout
    assert "Wherry serves" not in done.stdout
    assert took < 30  # less than a second where nothing else runs; it waits for nothing
