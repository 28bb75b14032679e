"""Real processes, killed in every way: nothing survives, nothing is told twice, nothing is called lost that is not."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import types
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest

from wherry.errors import LauncherError
from wherry.launchers.process import host_start
from wherry.launchers.process.launcher import ProcessLauncher
from wherry.launchers.process.orphans import process_name
from wherry.model.identity import AttemptId, RunId, TaskKey
from wherry.model.outcomes import FailureReason, Fault
from wherry.ports import (
    AttemptCancelled,
    AttemptEvent,
    AttemptFailed,
    AttemptProgress,
    AttemptSucceeded,
    AttemptWarning,
    LaunchRequest,
    Recovery,
)
from wherry.settings import ImageSettings, ProcessLauncherSettings
from wherry.testing.clock import FakeClock
from wherry.testing.contracts.launcher import Listener
from wherry.testing.lightweight import lightweight_command

RUN = RunId("e7c0a1d2-0000-4000-8000-000000000001")
NUMBERS = itertools.count(1)
PATIENCE = 30.0

HANG = "import time\n    time.sleep(1000)"
STUBBORN = "import signal, time\n    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n    print('deaf', flush=True)\n    time.sleep(1000)"
#: A grandchild in a session of its own, orphaned at once: a daemon as textbooks make it.
DAEMON = (
    "import os, time\n    if os.fork() == 0:\n        os.setsid()\n        if os.fork() == 0:\n"
    "            time.sleep(1000)\n        os._exit(0)\n    os.wait()\n    "
)

T = TypeVar("T")
Body = Callable[[ProcessLauncher, Listener], Awaitable[T]]


def request(body: str, **fields: object) -> LaunchRequest:
    number = next(NUMBERS)
    command = lightweight_command(f"def train() -> int:\n    {body}\n", "train")
    values: dict[str, object] = {
        "attempt_id": AttemptId(f"{number:032x}"),
        "run_id": RUN,
        "task": TaskKey("root/train"),
        "component": "train",
        "image": "python:3.11",
        "command": command,
        "resolved_command": command,
        "executor_input": b'{"outputs":{"outputFile":""}}',
        "output_types": {"Output": "NUMBER_INTEGER"},
        **fields,
    }
    return LaunchRequest(**values)  # type: ignore[arg-type]


def command_request(*command: str, outputs: Path, **fields: object) -> LaunchRequest:
    told = {
        "outputs": {
            "parameters": {"rows": {"outputFile": str(outputs / "deep" / "rows")}},
            "outputFile": str(outputs / "executor_output.json"),
        }
    }
    types = {"rows": "NUMBER_INTEGER"}
    values = {"executor_input": json.dumps(told).encode(), "output_types": types, **fields}
    return request("pass", command=command, resolved_command=command, **values)


def launcher_at(state: Path, **settings: object) -> ProcessLauncher:
    chosen = {"environment": "current", "cancel_grace_seconds": 0.3, **settings}
    return ProcessLauncher(state, ProcessLauncherSettings(**chosen), FakeClock(), idle_seconds=0.2)  # type: ignore[arg-type]


def with_launcher(state: Path, body: Body[T], *, token: int = 1, **settings: object) -> T:
    async def session() -> T:
        launcher = launcher_at(state, **settings)
        await launcher.start(token=token)
        try:
            return await asyncio.wait_for(body(launcher, Listener(launcher)), PATIENCE * 2)
        finally:
            await launcher.close()

    return asyncio.run(session())


def outcome(state: Path, one: LaunchRequest, **settings: object) -> AttemptEvent:
    async def body(launcher: ProcessLauncher, listener: Listener) -> AttemptEvent:
        await launcher.launch(one)
        return await listener.end(one.attempt_id)

    return with_launcher(state, body, **settings)


def log_of(state: Path, one: LaunchRequest) -> bytes:
    return (state / "attempts" / one.run_id / one.attempt_id / "log").read_bytes()


def processes(state: Path) -> list[int]:
    """Zygotes, tasks and whatever they started: everything that bears the mark of the state folder."""
    mark = f"WHERRY_TASK_OF={state}#".encode()
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                alive = (folder / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
                if alive and mark in (folder / "environ").read_bytes():
                    found.append(int(folder.name))
            except OSError:
                continue
    return found


def eventually(condition: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def nothing_left(state: Path) -> bool:
    """Once the host has left, nothing that it started is there."""
    return eventually(lambda: processes(state) == [])


def host_pid(state: Path) -> int:
    return int((state / "host" / "lock").read_text().partition(".")[0])


# -- the host dies ----------------------------------------------------------------------------------------------------


@pytest.mark.crash
def test_when_the_host_is_killed_its_tasks_end_and_are_told_as_lost_and_the_next_host_starts(tmp_path: Path) -> None:
    async def body(launcher: ProcessLauncher, listener: Listener) -> None:
        dice = random.Random(20)
        for _ in range(10):
            running = [
                request(HANG),
                request(DAEMON + HANG),
                request("import subprocess\n    subprocess.run(['sleep', '1000'])"),
            ]
            for one in running:
                await launcher.launch(one)
                await listener.started(one.attempt_id)
            await asyncio.sleep(dice.random() / 20)
            before = processes(tmp_path)
            os.kill(host_pid(tmp_path), signal.SIGKILL)
            for one in running:
                event = next(
                    (e for e in listener.seen if isinstance(e, AttemptFailed) and e.attempt_id == one.attempt_id), None
                )
                event = event or await listener.end(one.attempt_id)
                assert isinstance(event, AttemptFailed)
                assert (event.failure.fault, event.failure.reason) == (Fault.INFRASTRUCTURE, FailureReason.LOST)
            assert set(before) & set(processes(tmp_path)) == set()
        last = request("return 5")
        await launcher.launch(last)
        assert isinstance(await listener.end(last.attempt_id), AttemptSucceeded)

    with_launcher(tmp_path, body)
    assert nothing_left(tmp_path)


def test_when_host_and_zygote_are_killed_together_the_next_host_kills_what_is_left(tmp_path: Path) -> None:
    one = request(DAEMON + HANG)

    async def body(launcher: ProcessLauncher, listener: Listener) -> AttemptEvent:
        await launcher.launch(one)
        await listener.started(one.attempt_id)
        assert eventually(lambda: len(processes(tmp_path)) == 3)  # zygote, task, daemon
        for pid in (host_pid(tmp_path), *processes(tmp_path)[:1]):
            os.kill(pid, signal.SIGKILL)
        return await listener.end(one.attempt_id)

    event = with_launcher(tmp_path, body)
    assert isinstance(event, AttemptFailed)
    assert event.failure.reason is FailureReason.LOST
    assert nothing_left(tmp_path)


def test_when_a_zygote_is_killed_its_tasks_are_lost_and_the_next_launch_starts_another(tmp_path: Path) -> None:
    one, next_one = request(DAEMON + HANG), request("return 1")

    async def body(launcher: ProcessLauncher, listener: Listener) -> tuple[AttemptEvent, AttemptEvent]:
        await launcher.launch(one)
        await listener.started(one.attempt_id)
        os.kill(min(processes(tmp_path)), signal.SIGKILL)
        first = await listener.end(one.attempt_id)
        assert eventually(lambda: processes(tmp_path) == [])
        await launcher.launch(next_one)
        return first, await listener.end(next_one.attempt_id)

    first, second = with_launcher(tmp_path, body)
    assert isinstance(first, AttemptFailed)
    assert (first.failure.fault, first.failure.reason) == (Fault.INFRASTRUCTURE, FailureReason.LOST)
    assert isinstance(second, AttemptSucceeded)


# -- the engine dies --------------------------------------------------------------------------------------------------

ENGINE = """
import asyncio, sys
from pathlib import Path
import msgspec
from wherry.launchers.process.launcher import ProcessLauncher
from wherry.ports import LaunchRequest
from wherry.settings import ProcessLauncherSettings
from wherry.testing.clock import FakeClock

async def main():
    launcher = ProcessLauncher(Path(sys.argv[1]), ProcessLauncherSettings(environment="current"), FakeClock(), idle_seconds=5)
    await launcher.start(token=1)
    for one in msgspec.json.decode(sys.stdin.read(), type=list[LaunchRequest]):
        await launcher.launch(one)
    async for event in launcher.events():
        print(type(event).__name__, event.attempt_id, flush=True)

asyncio.run(main())
"""


@pytest.mark.crash
def test_when_the_engine_is_killed_the_next_one_finds_its_attempts_and_hears_each_end_once(tmp_path: Path) -> None:
    go, effects, state = tmp_path / "go", tmp_path / "effects", tmp_path / "state"
    wait = f"import os, time\n    while not os.path.exists({str(go)!r}):\n        time.sleep(0.005)\n    "
    effect = f"open({str(effects)!r}, 'a').write('ran\\n')\n    "
    slow, quick, absent = request(effect + wait + "return 1"), request(effect + "return 2"), request("return 3")
    engine = subprocess.Popen(
        [sys.executable, "-c", ENGINE, str(state)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert engine.stdin is not None
    assert engine.stdout is not None
    engine.stdin.write(msgspec.json.encode([slow, quick]).decode())
    engine.stdin.close()
    # A busy machine also has the quick one announced before it ends.
    expected = {f"AttemptStarted {slow.attempt_id}\n", f"AttemptSucceeded {quick.attempt_id}\n"}
    told = set()
    while not expected <= told:
        told.add(engine.stdout.readline())
    engine.kill()
    engine.wait()
    engine.stdout.close()

    async def body(launcher: ProcessLauncher, listener: Listener) -> tuple[list[Recovery], list[AttemptEvent]]:
        found = [await launcher.recover(one.attempt_id, None) for one in (slow, quick, absent)]
        go.touch()
        await listener.end(slow.attempt_id)
        last = request("return 0")
        await launcher.launch(last)
        await listener.end(last.attempt_id)
        return found, [event for event in listener.seen if event.attempt_id in {slow.attempt_id, quick.attempt_id}]

    found, events = with_launcher(state, body, token=2)
    assert found == [Recovery.FOUND, Recovery.FOUND, Recovery.NEVER_LAUNCHED]
    assert sorted(event.attempt_id for event in events if isinstance(event, AttemptSucceeded)) == sorted(
        [slow.attempt_id, quick.attempt_id]
    )
    assert effects.read_text().splitlines() == ["ran", "ran"]
    assert nothing_left(state)


def test_when_the_host_has_left_the_record_tells_the_end(tmp_path: Path) -> None:
    one = request("return 9")

    async def launch(launcher: ProcessLauncher, listener: Listener) -> None:
        await launcher.launch(one)
        await listener.end(one.attempt_id)

    with_launcher(tmp_path, launch)
    assert eventually(lambda: not (tmp_path / "host" / "address").exists())

    async def recover(launcher: ProcessLauncher, listener: Listener) -> tuple[Recovery, AttemptEvent]:
        return await launcher.recover(one.attempt_id, None), await listener.end(one.attempt_id)

    found, event = with_launcher(tmp_path, recover, token=2)
    assert found is Recovery.FOUND
    assert isinstance(event, AttemptSucceeded)
    assert json.loads(event.executor_output) == {"parameterValues": {"Output": 9}}


def test_an_attempt_with_a_folder_and_no_record_that_nobody_runs_is_lost(tmp_path: Path) -> None:
    one = request("return 9")
    (tmp_path / "attempts" / RUN / one.attempt_id).mkdir(parents=True)

    async def body(launcher: ProcessLauncher, listener: Listener) -> tuple[Recovery, AttemptEvent]:
        found = await launcher.recover(one.attempt_id, None)
        await launcher.launch(one)  # nobody should, but it must not run twice
        return found, await listener.end(one.attempt_id)

    found, event = with_launcher(tmp_path, body)
    assert found is Recovery.LOST
    assert isinstance(event, AttemptFailed)
    assert event.failure.reason is FailureReason.LOST


def test_a_host_leaves_when_there_is_no_engine_and_no_task(tmp_path: Path) -> None:
    outcome(tmp_path, request("return 1"))
    pid = host_pid(tmp_path)

    assert eventually(lambda: not process_name(pid))
    assert not (tmp_path / "host" / "sock").exists()
    assert nothing_left(tmp_path)


def test_a_host_whose_state_folder_was_deleted_leaves_as_soon_as_it_is_idle(tmp_path: Path) -> None:
    state = tmp_path / "state"
    one = request("return 1")

    async def body() -> int:
        launcher = ProcessLauncher(state, ProcessLauncherSettings(environment="current"), FakeClock(), idle_seconds=600)
        await launcher.start(token=1)
        await launcher.launch(one)
        await Listener(launcher).end(one.attempt_id)
        await launcher.close()
        return host_pid(state)

    pid = asyncio.run(body())
    shutil.rmtree(state)
    assert eventually(lambda: not process_name(pid))
    assert nothing_left(state)


def interpreter_killed(times: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the task host started by an interpreter that is killed before it does anything, so many times."""
    script = folder / "python"
    script.write_text(
        f"#!/bin/sh\necho x >> {folder}/starts\n"
        f'[ "$(wc -l < {folder}/starts)" -gt {times} ] || kill -9 $$\nexec {sys.executable} "$@"\n'
    )
    script.chmod(0o700)
    monkeypatch.setattr(host_start, "sys", types.SimpleNamespace(executable=str(script)))


def test_a_host_that_is_killed_while_it_starts_is_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interpreter_killed(2, tmp_path, monkeypatch)

    assert isinstance(outcome(tmp_path / "state", request("return 1")), AttemptSucceeded)


def test_a_host_that_is_killed_at_every_start_is_told_of_with_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interpreter_killed(1000, tmp_path, monkeypatch)

    with pytest.raises(LauncherError, match="takes no connections") as refused:
        outcome(tmp_path / "state", request("return 1"))
    assert "host/log" in str(refused.value.hint)


def test_a_newer_engine_lets_an_older_host_finish_its_tasks_and_starts_another(tmp_path: Path) -> None:
    go = tmp_path / "go"
    slow = request(
        f"import os, time\n    while not os.path.exists({str(go)!r}):\n        time.sleep(0.005)\n    return 3"
    )
    new = request("return 4")

    async def body() -> tuple[Recovery, list[int], set[AttemptId]]:
        settings = ProcessLauncherSettings(environment="current")
        older = ProcessLauncher(tmp_path, settings, FakeClock(), idle_seconds=0.2, protocol=1)
        await older.start(token=1)
        await older.launch(slow)
        await Listener(older).started(slow.attempt_id)
        hosts = [host_pid(tmp_path)]
        await older.close()
        newer = ProcessLauncher(tmp_path, settings, FakeClock(), idle_seconds=0.2, protocol=2)
        await newer.start(token=2)
        listener = Listener(newer)
        found = await newer.recover(slow.attempt_id, None)
        await newer.launch(new)
        await listener.end(new.attempt_id)
        hosts.append(host_pid(tmp_path))
        go.touch()
        await listener.end(slow.attempt_id)
        await newer.close()
        return found, hosts, {event.attempt_id for event in listener.seen if isinstance(event, AttemptSucceeded)}

    found, hosts, succeeded = asyncio.run(asyncio.wait_for(body(), PATIENCE))
    assert found is Recovery.FOUND
    assert len(set(hosts)) == 2
    assert succeeded == {slow.attempt_id, new.attempt_id}
    assert eventually(lambda: not process_name(hosts[0]))
    assert nothing_left(tmp_path)


def test_a_state_folder_with_a_long_path_is_served_over_a_short_one(tmp_path: Path) -> None:
    state = tmp_path / ("x" * 100)

    assert isinstance(outcome(state, request("return 1")), AttemptSucceeded)
    assert not (state / "host" / "sock").exists()


# -- what a task leaves behind ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["return 1", "raise ValueError('no')", "os._exit(3)", "os.kill(os.getpid(), 9)"])
def test_a_daemon_that_a_task_left_behind_is_killed(tmp_path: Path, ending: str) -> None:
    one = request(DAEMON + ending)

    async def body(launcher: ProcessLauncher, listener: Listener) -> None:
        await launcher.launch(one)
        await listener.end(one.attempt_id)
        # The zygote alone, while the host still serves.
        assert eventually(lambda: len(processes(tmp_path)) == 1)

    with_launcher(tmp_path, body)
    assert nothing_left(tmp_path)


def test_a_task_that_ignores_sigterm_is_killed_after_the_grace_with_all_its_processes(tmp_path: Path) -> None:
    one = request(DAEMON + STUBBORN)

    async def body(launcher: ProcessLauncher, listener: Listener) -> AttemptEvent:
        await launcher.launch(one)
        await listener.started(one.attempt_id)
        assert eventually(lambda: log_of(tmp_path, one) == b"deaf\n")
        await launcher.cancel(one.attempt_id)
        event = await listener.end(one.attempt_id)
        assert eventually(lambda: len(processes(tmp_path)) == 1)
        return event

    assert isinstance(with_launcher(tmp_path, body), AttemptCancelled)


def test_a_task_that_hangs_past_its_timeout_leaves_nothing(tmp_path: Path) -> None:
    event = outcome(tmp_path, request(DAEMON + STUBBORN, timeout_seconds=0.2))

    assert isinstance(event, AttemptFailed)
    assert event.failure.reason is FailureReason.TIMED_OUT
    assert nothing_left(tmp_path)


# -- what a task sees and says ----------------------------------------------------------------------------------------


def test_a_task_sees_an_allow_list_and_its_own_folder(tmp_path: Path) -> None:
    one = request(
        "import json, os, sys, tempfile\n    print(json.dumps({'env': sorted(os.environ), 'cwd': os.getcwd(), "
        "'tmp': tempfile.gettempdir(), 'stdin': sys.stdin.read(), 'session': os.getsid(0) == os.getpid(), "
        "'encoding': sys.stdout.encoding, 'open': len(os.listdir('/proc/self/fd'))}))\n    return 1"
    )
    environ = {"PATH": os.environ["PATH"], "HOME": "/root", "AWS_SECRET_ACCESS_KEY": "canary", "WANTED": "1"}

    async def body() -> None:
        settings = ProcessLauncherSettings(environment="current", pass_env=("WANTED",))
        launcher = ProcessLauncher(tmp_path, settings, FakeClock(), environ=environ, idle_seconds=0.2)
        await launcher.start(token=1)
        await launcher.launch(one)
        await Listener(launcher).end(one.attempt_id)
        await launcher.close()

    asyncio.run(body())
    work = str(tmp_path / "attempts" / RUN / one.attempt_id / "work")
    seen = json.loads(log_of(tmp_path, one))
    assert seen.pop("open") <= 8  # three standard ones, the report, the lock, the listing, and an epoll of the zygote's
    assert seen == {
        "env": ["HOME", "PATH", "TMPDIR", "WANTED", "WHERRY_TASK_OF"],
        "cwd": work,
        "tmp": work,
        "stdin": "",
        "session": True,
        "encoding": "utf-8",
    }


def test_nothing_of_one_tasks_environment_is_left_for_the_next(tmp_path: Path) -> None:
    tells = "import os, time\n    print(time.tzname[0], os.environ.get('COLOUR'))\n    return 1"
    first, second = request(tells, env={"TZ": "XYZ-3", "COLOUR": "red"}), request(tells)

    async def body(launcher: ProcessLauncher, listener: Listener) -> None:
        for one in (first, second):
            await launcher.launch(one)
            await listener.end(one.attempt_id)

    with_launcher(tmp_path, body)
    assert log_of(tmp_path, first) == b"XYZ red\n"
    assert log_of(tmp_path, second).split()[0] != b"XYZ"
    assert log_of(tmp_path, second).split()[1] == b"None"


@pytest.mark.parametrize("zygote", [True, False])
def test_a_task_that_sets_python_variables_gets_a_fresh_interpreter_that_reads_them(
    tmp_path: Path, *, zygote: bool
) -> None:
    one = request("import sys\n    return sys.flags.optimize", env={"PYTHONOPTIMIZE": "2"})

    event = outcome(tmp_path, one, zygote=zygote)
    assert isinstance(event, AttemptSucceeded)
    assert json.loads(event.executor_output) == {"parameterValues": {"Output": 2}}


def test_unseeded_siblings_draw_different_numbers(tmp_path: Path) -> None:
    siblings = [request("import random\n    return random.getrandbits(60)") for _ in range(8)]

    async def body(launcher: ProcessLauncher, listener: Listener) -> set[bytes]:
        for one in siblings:
            await launcher.launch(one)
        while sum(isinstance(event, AttemptSucceeded) for event in listener.seen) < len(siblings):
            await listener.next()
        return {event.executor_output for event in listener.seen if isinstance(event, AttemptSucceeded)}

    assert len(with_launcher(tmp_path, body)) == 8


def test_threads_are_joined_and_exit_handlers_run_before_the_end_is_told(tmp_path: Path) -> None:
    one = request(
        "import atexit, threading, time\n    atexit.register(print, 'handler')\n"
        "    threading.Thread(target=lambda: (time.sleep(0.1), print('thread'))).start()\n    return 1"
    )

    outcome(tmp_path, one)
    assert log_of(tmp_path, one) == b"thread\nhandler\n"


def test_a_task_that_prints_100_megabytes_succeeds_and_its_log_is_cut_with_a_marker(tmp_path: Path) -> None:
    one = request("for n in range(1_000_000):\n        print(f'{n:099d}')\n    return 1")

    event = outcome(tmp_path, one, log_limit_bytes=1024 * 1024)
    log = log_of(tmp_path, one)
    assert isinstance(event, AttemptSucceeded)
    assert len(log) < 1024 * 1024 + 200
    head, marker, tail = log.partition(b"\n[wherry] the log was longer than its limit of 1048576 bytes: about ")
    assert head.startswith(f"{0:099d}\n{1:099d}\n".encode())
    assert marker
    assert 98_000_000 < int(tail.split()[0]) < 100_000_000
    assert tail.endswith(f"{999_998:099d}\n{999_999:099d}\n".encode())


def test_a_log_just_within_its_limit_is_left_alone(tmp_path: Path) -> None:
    one = request("print('x' * 4095)\n    return 1")

    outcome(tmp_path, one, log_limit_bytes=4096)
    assert log_of(tmp_path, one) == b"x" * 4095 + b"\n"


def test_a_large_result_travels_by_the_record(tmp_path: Path) -> None:
    command = lightweight_command("def train() -> str:\n    return 'x' * 3_000_000\n", "train")

    event = outcome(tmp_path, request("pass", command=command, resolved_command=command))
    assert isinstance(event, AttemptSucceeded)
    assert len(json.loads(event.executor_output)["parameterValues"]["Output"]) == 3_000_000


def test_a_traceback_holds_the_authors_frames_alone(tmp_path: Path) -> None:
    event = outcome(tmp_path, request("return int('seven')"))

    assert isinstance(event, AttemptFailed)
    assert event.failure.message == (
        "component 'train' raised ValueError: invalid literal for int() with base 10: 'seven'"
    )
    assert event.failure.traceback.splitlines()[1].startswith('  File "<component train>", line ')
    assert "wherry" not in event.failure.traceback


def test_a_missing_module_is_told_with_component_image_and_packages(tmp_path: Path) -> None:
    event = outcome(tmp_path, request("import pandaz"))

    assert isinstance(event, AttemptFailed)
    assert event.failure.message.startswith("Component 'train' imports 'pandaz', which its environment does not have")
    assert "python:3.11" in event.failure.message


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("return 'seven'", "declared int"),
        ("import sys\n    sys.exit()", "sys.exit()"),
    ],
)
def test_outputs_that_are_not_as_declared_are_the_components_fault(tmp_path: Path, body: str, says: str) -> None:
    event = outcome(tmp_path, request(body))

    assert isinstance(event, AttemptFailed)
    assert (event.failure.fault, event.failure.reason) == (Fault.USER, FailureReason.BAD_OUTPUT)
    assert says in event.failure.message


def test_a_process_that_leaves_with_status_0_before_it_returned_has_failed(tmp_path: Path) -> None:
    event = outcome(tmp_path, request("import os\n    os._exit(0)"))

    assert isinstance(event, AttemptFailed)
    assert (event.failure.reason, event.failure.exit_code) == (FailureReason.EXITED, 0)


# -- environments -----------------------------------------------------------------------------------------------------


def packages_request(*packages: str) -> LaunchRequest:
    command = lightweight_command("def train() -> int:\n    return 1\n", "train", packages=packages)
    return request("pass", command=command, resolved_command=command)


def test_an_environment_that_cannot_be_built_fails_with_the_words_of_uv(tmp_path: Path) -> None:
    event = outcome(tmp_path, packages_request("not a requirement !!"), environment="isolated")

    assert isinstance(event, AttemptFailed)
    assert (event.failure.fault, event.failure.reason) == (Fault.USER, FailureReason.ENVIRONMENT)
    assert "not a requirement" in event.failure.message


def test_attempts_that_wait_for_an_environment_hold_up_no_others_and_can_be_cancelled(tmp_path: Path) -> None:
    # An index that takes the connection and never answers.
    with subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import socket, time\ns = socket.create_server(('127.0.0.1', 0))\nprint(s.getsockname()[1], flush=True)\ntime.sleep(600)",
        ],
        stdout=subprocess.PIPE,
        text=True,
    ) as index:
        assert index.stdout is not None
        port = int(index.stdout.readline())
        waiting = [packages_request("some-package") for _ in range(3)]
        quick = request("return 1")

        async def body() -> list[AttemptEvent]:
            environ = {**os.environ, "PIP_INDEX_URL": f"http://127.0.0.1:{port}/simple", "UV_HTTP_TIMEOUT": "3"}
            launcher = ProcessLauncher(
                tmp_path, ProcessLauncherSettings(), FakeClock(), environ=environ, idle_seconds=0.2
            )
            await launcher.start(token=1)
            listener = Listener(launcher)
            for one in waiting:
                await launcher.launch(one)
            while not isinstance(await listener.next(), AttemptProgress):
                pass
            await launcher.launch(quick)
            first = await listener.end(quick.attempt_id)
            for one in waiting:
                await launcher.cancel(one.attempt_id)
            others = [await listener.end(one.attempt_id) for one in waiting]
            await launcher.close()
            return [first, *others]

        events = asyncio.run(body())
        index.kill()
    assert [type(event) for event in events] == [AttemptSucceeded, *[AttemptCancelled] * 3]
    assert not any((tmp_path / "attempts" / RUN / one.attempt_id).exists() for one in waiting)


# -- commands ---------------------------------------------------------------------------------------------------------


def test_a_command_runs_here_with_a_warning_and_its_output_files_are_read(tmp_path: Path) -> None:
    rows = tmp_path / "out" / "deep" / "rows"
    one = command_request(
        "sh", "-c", f"echo 12 > {rows}; python3 -c 'import sys; print(sys.version_info[:2])'", outputs=tmp_path / "out"
    )

    async def body(launcher: ProcessLauncher, listener: Listener) -> list[AttemptEvent]:
        await launcher.launch(one)
        await listener.end(one.attempt_id)
        return listener.seen

    events = with_launcher(tmp_path / "state", body)
    assert events[0] == AttemptWarning(
        attempt_id=one.attempt_id, message="the command of 'train' runs on this machine, not in image 'python:3.11'"
    )
    assert isinstance(events[-1], AttemptSucceeded)
    assert json.loads(events[-1].executor_output) == {"parameterValues": {"rows": 12}}
    assert log_of(tmp_path / "state", one) == f"{sys.version_info[:2]}\n".encode()


def test_what_a_command_reports_goes_before_its_output_files(tmp_path: Path) -> None:
    script = (
        f"echo 12 > {tmp_path}/out/deep/rows; "
        f"""echo '{{"parameterValues": {{"rows": 13}}}}' > {tmp_path}/out/executor_output.json"""
    )

    event = outcome(tmp_path / "state", command_request("sh", "-c", script, outputs=tmp_path / "out"))
    assert isinstance(event, AttemptSucceeded)
    assert json.loads(event.executor_output) == {"parameterValues": {"rows": 13}}


@pytest.mark.parametrize(
    ("command", "reason", "says"),
    [
        (("sh", "-c", "exit 3"), FailureReason.EXITED, "exit status 3"),
        (("sh", "-c", "kill -SEGV $$"), FailureReason.KILLED, "SIGSEGV"),
        (("no-such-program",), FailureReason.EXITED, "'no-such-program', which this machine does not have"),
        (("sh", "-c", "echo many > ROWS"), FailureReason.BAD_OUTPUT, "'rows'"),
    ],
)
def test_a_command_that_does_not_end_well_says_why(
    tmp_path: Path, command: tuple[str, ...], reason: FailureReason, says: str
) -> None:
    placed = [word.replace("ROWS", str(tmp_path / "out" / "deep" / "rows")) for word in command]

    event = outcome(tmp_path / "state", command_request(*placed, outputs=tmp_path / "out"))
    assert isinstance(event, AttemptFailed)
    assert (event.failure.fault, event.failure.reason) == (Fault.USER, reason)
    assert says in event.failure.message


def test_a_command_is_stopped_with_everything_it_started(tmp_path: Path) -> None:
    one = command_request("sh", "-c", "setsid sleep 1000 & sleep 1000", outputs=tmp_path / "out")

    async def body(launcher: ProcessLauncher, listener: Listener) -> AttemptEvent:
        await launcher.launch(one)
        await listener.started(one.attempt_id)
        await launcher.cancel(one.attempt_id)
        event = await listener.end(one.attempt_id)
        assert eventually(lambda: len(processes(tmp_path / "state")) == 1)
        return event

    assert isinstance(with_launcher(tmp_path / "state", body), AttemptCancelled)


def test_a_command_whose_image_nothing_stands_in_for_is_refused_with_the_ways_out(tmp_path: Path) -> None:
    one = command_request("train", outputs=tmp_path, image="acme/trainer:7")

    event = outcome(tmp_path, one)
    assert isinstance(event, AttemptFailed)
    assert event.failure.reason is FailureReason.IMAGE
    assert "acme/trainer:7" in event.failure.message
    assert "wherry.toml" in event.failure.hint
    assert event.started_at is None


def test_a_command_whose_image_is_mapped_runs(tmp_path: Path) -> None:
    one = command_request("true", outputs=tmp_path, image="acme/trainer:7")

    event = outcome(tmp_path, one, images={"acme/trainer:7": ImageSettings(python="3.11")})
    assert isinstance(event, AttemptSucceeded)


def test_a_task_forks_and_starts_threads_as_any_process_does(tmp_path: Path) -> None:
    one = request(
        "import multiprocessing, os, threading\n"
        "    assert threading.get_native_id() == threading.main_thread().native_id == os.getpid()\n"
        "    threading.Thread(target=threading.Event().wait, daemon=True).start()\n"
        "    with multiprocessing.get_context('fork').Pool(2) as pool:\n"
        "        counts = pool.map(eval, ['__import__(\"threading\").active_count()'] * 4)\n"
        "    return max(counts)"
    )

    event = outcome(tmp_path, one)
    assert isinstance(event, AttemptSucceeded)
    assert json.loads(event.executor_output) == {"parameterValues": {"Output": 1}}
