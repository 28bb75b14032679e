"""A warm interpreter of one environment: every task of it is a fork.

One thread, small, and nothing of the user's in it. It is told what to launch and whom to signal by the task host, and
tells who ended. It adopts whatever a task leaves behind and kills it; when the host is gone, it ends with all its tasks.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # not known to typeshed under this name
import contextlib
import gc
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn

from wherry.runtime import attempt as attempts
from wherry.runtime import attempt_folder, json_text, process_tree
from wherry.runtime.parking import Parked, Parking
from wherry.runtime.protocol import FrameReader, Header, ProtocolError, encode
from wherry.runtime.report import BROKEN, now

#: A task that runs so long is announced as started; the end of a shorter one tells both. Seconds.
ANNOUNCE_AFTER = 0.01

#: How long the news of an end waits for processes that will not die (a hung file system). Seconds.
_PATIENCE = 1.0

#: With as many tasks running, children forked ahead would only delay them: they cost as much then as later.
_PROCESSORS = len(os.sched_getaffinity(0))

#: The host died. Tasks cannot tell this signal from any other: it is at its default in them.
HOST_DIED = signal.SIGUSR2

# Plain numbers, for the functions beneath those of `signal`, which turn numbers into enums and back: 0.15 ms in the cold
# memory of a fresh fork.
_SIGCHLD, _HOST_DIED, _SIG_DFL = int(signal.SIGCHLD), int(HOST_DIED), int(signal.SIG_DFL)


def _nothing() -> None:
    """For a hook that is not wanted."""


class ForkHooks:
    """What imported modules want done at each fork, put off until there is a task.

    They repair locks and threads after the fork of a process that has threads, and seeds, which are seeded anyway. In a
    fork of the zygote, which has none, they do nothing but take a third of the time. The task registers them before
    the user's code: its own forks need them.
    """

    def __init__(self) -> None:
        self._wanted: list[dict[str, Any]] = []

    @contextlib.contextmanager
    def put_off(self) -> Iterator[None]:
        """Collect the hooks of what is imported meanwhile."""
        register = os.register_at_fork
        os.register_at_fork = lambda **hooks: self._wanted.append(hooks)
        try:
            yield
        finally:
            os.register_at_fork = register

    def register(self) -> None:
        """In the task: have them called from now on."""
        os.register_at_fork(before=self._before, after_in_parent=self._in_parent, after_in_child=self._in_child)

    def _before(self) -> None:
        for hooks in reversed(self._wanted):
            hooks.get("before", _nothing)()

    def _in_parent(self) -> None:
        for hooks in self._wanted:
            hooks.get("after_in_parent", _nothing)()

    def _in_child(self) -> None:
        for hooks in self._wanted:
            hooks.get("after_in_child", _nothing)()


class Warmth:
    """What a zygote holds ready for its forks. A bare one holds nothing: its forks do not stay what they are."""

    def __init__(self, kind: str) -> None:
        self.hooks = ForkHooks()
        self._bare = kind == "bare"
        if not self._bare:
            with self.hooks.put_off():
                from wherry.runtime import performance, seeds, shutdown  # noqa: F401  so that before_fork finds seeds loaded

                if kind == "warm":
                    performance.rehearse()
                    shutdown.count_now()

    def before_fork(self) -> None:
        """Draw the seeds that the next task starts with: no two forks have the same."""
        if not self._bare:
            from wherry.runtime.seeds import reseed

            reseed()

    def after_success(self, source: str, function: str) -> None:
        """Compile what a task has run: that it lived through compiling it shows that it will not crash this process."""
        if source and not self._bare:
            from wherry.runtime.loader import compile_ahead

            compile_ahead(source, function)


class _Task:
    """A running child.

    Args:
        task: what it runs; None: its source is compiled already.
        given: the parked child that was given it; None: it was forked for it.
    """

    def __init__(
        self, attempt: str, name: str, pid: int, task: dict[str, Any] | None, given: Parked | None = None
    ) -> None:
        self.attempt, self.name, self.pid = attempt, name, pid
        self.source = (task["source"], task["function"]) if task else ("", "")
        #: None as well for one that was told to end: nobody else is to run it.
        self.given = given
        self.at, self.born = now(), time.monotonic()


class Zygote:
    """Forks tasks and minds them until they are gone."""

    def __init__(
        self, control: socket.socket, reports: socket.socket, lock: int, warmth: Warmth, parking: Parking
    ) -> None:
        self._control = control
        self._parking = parking
        self._warmth = warmth
        self._reports = reports
        self._lock = lock
        self._pid = os.getpid()
        self._tasks: dict[int, _Task] = {}
        self._unannounced: list[_Task] = []
        #: Ends that are not told yet, because processes which the task left behind are still dying.
        self._ended: list[tuple[_Task, int]] = []
        self._ended_since = 0.0

    def serve(self) -> None:
        """Until the host is gone; then nothing is left of any task."""
        awake, wake = os.pipe()
        os.set_blocking(awake, False)
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, _wake)
        signal.signal(HOST_DIED, _wake)
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        poll.register(awake, select.POLLIN)
        frames = FrameReader()
        while True:
            ready = [number for number, _ in poll.poll(self._patience())]
            if awake in ready and HOST_DIED in os.read(awake, 512):
                break
            if self._control.fileno() in ready:
                data = self._control.recv(1 << 18)
                if not data:
                    break
                for header, body in frames.feed(data):
                    self._obey(header, body)
            if awake in ready or self._ended:
                self._bury()
            if not ready:
                self._park()
            self._announce()
        self._parking.close()
        self._end_all()

    def _patience(self) -> float | None:
        """Milliseconds until something must be done unasked; None if nothing must."""
        if self._may_park():
            return 0
        if self._ended:
            return 50
        if self._unannounced:
            return max(0.0, self._unannounced[0].born + ANNOUNCE_AFTER - time.monotonic()) * 1000 + 1
        return None

    def _may_park(self) -> bool:
        """Whether a child should be parked when nothing else is to be done: on a processor that no task would use."""
        return self._parking.wants_more and len(self._tasks) < _PROCESSORS

    def _park(self) -> None:
        """Park children, now that nobody waits for this process."""
        if self._may_park():
            with contextlib.suppress(OSError):  # the machine is out of processes: a launch will tell
                while self._parking.is_short:
                    self._warmth.before_fork()
                    self._parking.park(self._become, self._reports, self._lock)

    def _obey(self, header: Header, body: bytes) -> None:
        if header["op"] == "launch":
            self._parking.want_more()
            self._fork(header["attempt"], header["task"], body)
        elif header["op"] == "given":
            self._give(header["attempt"], header["task"], self._parking.given(header["parked"]), body)
        elif header["op"] == "kill":
            for task in self._tasks.values():
                if task.attempt == header["attempt"]:
                    task.given = None
                    _signal_task(task.pid, header["signal"])
                    return

    def _give(self, attempt: str, name: str, parked: Parked, body: bytes) -> None:
        """The host has given a task to a parked child."""
        task = _Task(attempt, name, parked.pid, json_text.read(body) if body else None, parked)
        if parked.status is None:
            self._mind(task)
        else:
            self._end(task, parked.status)

    def _fork(self, attempt: str, name: str, body: bytes) -> None:
        # As much as can be is done before the fork: here the memory is warm, while in the child every page that is
        # written to, if only to count a reference, is copied first.
        try:
            task = json_text.read(body)
            attempts.set_environment(task["env"])
            self._warmth.before_fork()
            pid = os.fork()
        except (OSError, ValueError) as error:
            self._control.sendall(encode({"op": "refused", "attempt": attempt, "error": str(error)}))
            return
        if pid == 0:
            self._become(lambda: _run(attempt, task, body, self._reports, self._lock))
        self._mind(_Task(attempt, name, pid, task))

    def _mind(self, task: _Task) -> None:
        self._tasks[task.pid] = task
        self._unannounced.append(task)

    def _become(self, work: Callable[[], NoReturn]) -> NoReturn:
        """In a fork: be what it is for, and nothing of the zygote."""
        try:
            process_tree.die_with_parent(signal.SIGKILL)
            if os.getppid() == self._pid:  # else it has died meanwhile, and no signal will come
                _signal.set_wakeup_fd(-1)
                _signal.signal(_SIGCHLD, _SIG_DFL)
                _signal.signal(_HOST_DIED, _SIG_DFL)
                os.close(self._control.detach())
                self._warmth.hooks.register()
                work()
        except BaseException:  # noqa: BLE001  nothing may get back into the zygote's loop
            traceback.print_exc()
        finally:
            os._exit(BROKEN)

    def _bury(self) -> None:
        """Reap who ended, kill what they left behind, and tell."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if pid == 0:
                break
            task = self._tasks.pop(pid, None)
            if task is None:
                self._parking.ended(pid, status)
            else:
                self._end(task, status)
        strangers = [pid for pid in process_tree.own_children() if pid not in self._tasks and pid not in self._parking]
        for pid in strangers:
            process_tree.kill_tree(pid)
        if self._ended and (not strangers or time.monotonic() - self._ended_since > _PATIENCE):
            gone = {task.pid for task, _ in self._ended}
            self._unannounced = [task for task in self._unannounced if task.pid not in gone]
            self._control.sendall(b"".join(_exit_message(task, status) for task, status in self._ended))
            for task, status in self._ended:
                if status == 0:
                    self._warmth.after_success(*task.source)
            self._ended.clear()

    def _end(self, task: _Task, status: int) -> None:
        """A child is gone."""
        if status and task.given and not task.given.look():
            # It died while it was parked; the task is none the worse.
            self._unannounced = [other for other in self._unannounced if other is not task]
            attempt_folder.remove_unused(task.given.folder)
            self._control.sendall(encode({"op": "returned", "attempt": task.attempt}))
        else:
            self._ended_since = self._ended_since if self._ended else time.monotonic()
            self._ended.append((task, status))

    def _announce(self) -> None:
        until = time.monotonic() - ANNOUNCE_AFTER
        while self._unannounced and self._unannounced[0].born <= until:
            task = self._unannounced.pop(0)
            if task.pid in self._tasks:
                message = {"op": "started", "attempt": task.attempt, "at": task.at, "pid": task.pid}
                self._control.sendall(encode(message))

    def _end_all(self) -> None:
        while True:
            for pid in process_tree.children(self._pid):
                process_tree.kill_tree(pid)
            try:
                os.waitpid(-1, 0)
            except ChildProcessError:
                return


def _run(attempt: str, task: dict[str, Any], body: bytes, reports: socket.socket, lock: int) -> NoReturn:
    attempts.leave_zygote()
    attempts.run(attempt, task, body, reports, lock)


def _exit_message(task: _Task, status: int) -> bytes:
    message: Header = {"op": "exit", "attempt": task.attempt, "at": task.at}
    if status:
        from wherry.runtime.failures import explain_status

        message["failure"] = explain_status(status, f"the process of task {task.name!r}")
    return encode(message)


def _wake(_number: int, _frame: object) -> None:
    """The number is in the pipe that the loop reads."""


def _signal_task(pid: int, number: int) -> None:
    if number == signal.SIGKILL:
        process_tree.kill_tree(pid)
    else:
        process_tree.signal_all([pid, *process_tree.descendants(pid)], number)


def main(arguments: Sequence[str]) -> None:
    """``KIND CONTROL REPORTS LOCK HOST LEASE PARKING``: be a zygote.

    ``KIND`` is ``warm``; ``kfp`` for one whose tasks are run by kfp itself; or ``bare`` for one that only starts
    commands and fresh interpreters. Then come three open files by number, the parent's process id, and the path of
    the file whose shared lock keeps the environment from being collected; empty if there is none. Last, the folder in
    which parked children make theirs; empty: none are parked.
    """
    kind, *numbers, lease, parking = arguments
    control_number, reports_number, lock, host = map(int, numbers)
    process_tree.die_with_parent(HOST_DIED)
    if os.getppid() != host:
        return
    process_tree.become_subreaper()
    # Where the kernel shares the processors out by session, the host has not to wait for what its zygotes do ahead.
    os.setsid()
    for number in (control_number, reports_number, lock):
        os.set_inheritable(number, False)
    control, reports = socket.socket(fileno=control_number), socket.socket(fileno=reports_number)
    if lease:
        attempts.hold_shared(lease)  # never closed: every fork holds it too
    warmth = Warmth(kind)
    if kind == "warm" and parking:
        from wherry.runtime.warm_up import warm_up

        with contextlib.suppress(OSError, ProtocolError):  # then its children find everything cold
            warm_up(parking, HOST_DIED)
    gc.collect()
    gc.freeze()
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        control.sendall(encode({"op": "ready", "python": sys.version.split()[0]}))
        Zygote(control, reports, lock, warmth, Parking(parking if kind == "warm" else "", control)).serve()
