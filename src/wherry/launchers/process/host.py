"""The task host: parent of the zygotes, keeper of results, obedient to one engine at a time.

One thread, standard library only. It obeys the engine with the highest fencing token, launches each attempt once,
keeps what became of it until the engine has committed that, and goes when nobody needs it.
"""

# The host starts without pathlib, which would cost a fifth of the time.
# ruff: noqa: PTH103, PTH116

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import socket
import struct
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from wherry.launchers.process.hosted_attempt import HostedAttempt, Stop
from wherry.launchers.process.orphans import kill_strangers
from wherry.launchers.process.poller import Poller
from wherry.launchers.process.wire import Wire
from wherry.launchers.process.zygote_link import ZygoteLink
from wherry.runtime.protocol import FORMAT, PROTOCOL, Header, ProtocolError, encode, read_record, write_record

#: How often logs of running tasks are looked at. Seconds.
LOG_LOOK = 0.25

#: How often a host without engine and tasks looks whether it should leave. Seconds.
IDLE_LOOK = 2.0

#: A zygote without tasks leaves after so long. Seconds.
ZYGOTE_IDLE = 300.0

_CREDENTIALS = struct.Struct("3i")


class HostConfig(NamedTuple):
    """What a host is started with."""

    state: str
    """The state folder."""
    lock: int
    """The open, locked file."""
    env: Mapping[str, str]
    """Environment of the zygotes."""
    idle_seconds: float
    """It leaves after so long without engine and tasks."""
    protocol: int = PROTOCOL
    """Another number in tests only."""


class Host:
    """Serves one state folder."""

    def __init__(self, config: HostConfig, listener: socket.socket, *, on_drain: Callable[[], None]) -> None:
        self._config = config
        self._listener = listener
        self._on_drain = on_drain
        self._poller = Poller()
        self._token = -1
        self._engine: Wire | None = None
        self._strangers: list[Wire] = []
        self._attempts: dict[str, HostedAttempt] = {}
        self._zygotes: dict[str, ZygoteLink] = {}
        self._pids: set[int] = set()
        self._numbers = itertools.count(1)
        self.draining = False
        self._looking_at_logs = False
        self._idle_since = time.monotonic()

    def run(self) -> None:
        """Until nobody needs it."""
        self._listener.setblocking(False)
        self._poller.watch(self._listener, self._accept)
        awake, wake = os.pipe()
        os.set_blocking(awake, False)
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        with os.fdopen(awake, "rb", buffering=0) as file:
            self._poller.watch(file, lambda: self._reap(file.read(512)))
            self._await_idle()
            self._poller.after(ZYGOTE_IDLE, self._retire_zygotes)
            self._poller.run()
        for link in self._zygotes.values():
            link.close()

    # -- engines ------------------------------------------------------------------------------------------------------

    def _accept(self) -> None:
        with contextlib.suppress(BlockingIOError):
            sock, _ = self._listener.accept()
            _, uid, _ = _CREDENTIALS.unpack(sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
            if uid != os.getuid():
                sock.close()
                return
            self._greet(sock)

    def _greet(self, sock: socket.socket) -> None:
        """Wait for hello, and obey nothing else."""

        def on_frame(header: Header, body: bytes) -> None:
            if wire is self._engine:
                self._obey(header, body)
            elif header["op"] == "hello":
                self._on_hello(wire, header)
            else:
                self._drop(wire)

        wire = Wire(sock, self._poller, on_frame=on_frame, on_end=lambda: self._on_engine_end(wire))
        self._strangers.append(wire)

    def _drop(self, wire: Wire) -> None:
        wire.flush_and_close()
        if wire in self._strangers:
            self._strangers.remove(wire)

    def _on_hello(self, wire: Wire, hello: Header) -> None:
        if hello["protocol"] > self._config.protocol:
            self._drain(wire)
            return
        stale = hello["token"] < self._token
        if stale or hello["protocol"] < self._config.protocol:
            reason = "stale-token" if stale else "protocol"
            wire.send(
                encode({"op": "refused", "reason": reason, "token": self._token, "protocol": self._config.protocol})
            )
            self._drop(wire)
            return
        self._token = hello["token"]
        older, self._engine = self._engine, wire
        self._strangers.remove(wire)
        if older is not None:
            older.close()
        wire.send(encode({"op": "welcome", "protocol": self._config.protocol, "format": FORMAT, "pid": os.getpid()}))

    def _drain(self, wire: Wire) -> None:
        """A newer engine: take nothing new, let it start another host, and go when the tasks have ended.

        The connection stays open until then; its end tells that every record is written.
        """
        alive = [attempt.id for attempt in self._attempts.values() if attempt.alive]
        wire.send(encode({"op": "outdated", "protocol": self._config.protocol, "attempts": alive}))
        if not self.draining:
            self.draining = True
            self._poller.forget(self._listener)
            self._listener.close()
            if self._engine is not None:
                self._engine.close()
                self._engine = None
            self._on_drain()
        self._leave_if_drained()

    def _leave_if_drained(self) -> None:
        if self.draining and not any(attempt.alive for attempt in self._attempts.values()):
            for wire in list(self._strangers):
                self._drop(wire)
            self._poller.running = False

    def _on_engine_end(self, wire: Wire) -> None:
        if wire is self._engine:
            self._engine = None
            self._await_idle()
        elif wire in self._strangers:
            self._strangers.remove(wire)

    def _tell(self, frame: bytes) -> None:
        if self._engine is not None:
            self._engine.send(frame)

    # -- what an engine asks ------------------------------------------------------------------------------------------

    def _obey(self, header: Header, body: bytes) -> None:
        match header["op"]:
            case "launch":
                self._launch(header, body)
            case "cancel":
                self._cancel(header["attempt"])
            case "attach":
                self._attach(header["attempt"])
            case "ack":
                self._acknowledge(header["attempt"])
            case _:
                pass  # a message of a later version that this one can do without

    def _launch(self, header: Header, body: bytes) -> None:
        known = self._attempts.get(header["attempt"])
        if known is not None:
            self._send_result(known)
            return
        attempt = self._attempts[header["attempt"]] = HostedAttempt(header)
        try:
            link = self._zygote(header["zygote"])
        except OSError as error:
            self._conclude(attempt, attempt.not_started(str(error), "See whether its interpreter is still there."))
            self._gone(attempt)
            return
        attempt.zygote_key = link.key
        link.launch(attempt.id, attempt.task, header["code"], body)

    def _zygote(self, start: Mapping[str, Any]) -> ZygoteLink:
        key = start["key"]
        if key not in self._zygotes:
            link = ZygoteLink(
                key,
                start,
                env=self._config.env,
                log=f"{self._config.state}/host/zygote-{next(self._numbers)}.log",
                lock=self._config.lock,
                parking=f"{self._config.state}/host/parked",
                poller=self._poller,
                events=self,
            )
            self._zygotes[key] = link
            self._pids.add(link.pid)
        return self._zygotes[key]

    def _cancel(self, attempt_id: str) -> None:
        attempt = self._attempts.get(attempt_id)
        if attempt is not None and attempt.result is None and attempt.stop is None:
            self._stop(attempt, Stop.CANCEL)

    def _attach(self, attempt_id: str) -> None:
        attempt = self._attempts.get(attempt_id)
        self._tell(encode({"op": "attached", "attempt": attempt_id, "known": attempt is not None}))
        if attempt is not None:
            if attempt.started_at is not None and attempt.result is None:
                self._tell(encode({"op": "started", "attempt": attempt.id, "at": attempt.started_at}))
            self._send_result(attempt)

    def _acknowledge(self, attempt_id: str) -> None:
        attempt = self._attempts.get(attempt_id)
        if attempt is not None:
            attempt.acknowledged = True
            self._forget(attempt)

    # -- what happens to attempts -------------------------------------------------------------------------------------

    def on_report(self, header: Header, body: bytes) -> None:
        """A task told how it ended, or that it had been there before."""
        attempt = self._attempts.get(header["attempt"])
        if attempt is None or attempt.result is not None:
            return
        if header["op"] == "exists":
            # An earlier host launched it. Either its record tells how that ended, or nobody can.
            self._conclude_from_record(attempt, attempt.lost("it had been launched before, and left no result"))
        else:
            self._take(attempt, header, body)

    def on_zygote(self, link: ZygoteLink, header: Header) -> None:
        """A zygote told about one of its tasks."""
        attempt = self._attempts.get(header.get("attempt", ""))
        if attempt is None:
            return
        match header["op"]:
            case "started":
                self._on_started(attempt, header)
            case "exit":
                if attempt.result is None:
                    self._conclude_from_record(attempt, attempt.end_of(header))
                link.forget(attempt.id)
                self._gone(attempt)
            case "returned" if attempt.stop is None:
                link.launch_again(attempt.id)
            case "returned":
                self._conclude(attempt, attempt.lost("it was to end before it had begun"))
                link.forget(attempt.id)
                self._gone(attempt)
            case "refused":
                hint = "The machine may be out of memory or of processes."
                self._conclude(attempt, attempt.not_started(header["error"], hint))
                link.forget(attempt.id)
                self._gone(attempt)
            case _:
                pass

    def on_zygote_end(self, link: ZygoteLink) -> None:
        """A zygote died: so did its tasks."""
        link.close()
        self._zygotes.pop(link.key, None)
        for attempt_id in list(link.attempts):
            attempt = self._attempts[attempt_id]
            if attempt.result is None:
                if link.ready:
                    otherwise = attempt.lost("the process that started it died")
                else:
                    why = f"its interpreter ended at once: {link.last_words() or 'it printed nothing'}"
                    hint = "See whether the interpreter works; an environment that is damaged can be deleted."
                    otherwise = attempt.not_started(why, hint)
                self._conclude_from_record(attempt, otherwise)
            self._gone(attempt)
        kill_strangers(self._pids)

    def _on_started(self, attempt: HostedAttempt, header: Header) -> None:
        attempt.started_at = header["at"]
        if attempt.result is not None:
            return
        self._tell(encode({"op": "started", "attempt": attempt.id, "at": attempt.started_at}))
        if attempt.timeout is not None:
            passed = time.time() - header["at"] / 1e6
            self._poller.after(max(0.0, attempt.timeout - passed), lambda: self._time_out(attempt))
        if not self._looking_at_logs:
            self._looking_at_logs = True
            self._poller.after(LOG_LOOK, self._look_at_logs)

    def _time_out(self, attempt: HostedAttempt) -> None:
        if attempt.result is None and attempt.stop is None:
            self._stop(attempt, Stop.TIMEOUT)

    def _stop(self, attempt: HostedAttempt, why: Stop) -> None:
        """SIGTERM to everything of the attempt, and SIGKILL to what is left after the grace."""
        attempt.stop = why
        self._kill(attempt, signal.SIGTERM)
        self._poller.after(attempt.grace, lambda: self._kill(attempt, signal.SIGKILL))

    def _kill(self, attempt: HostedAttempt, number: int) -> None:
        link = self._zygotes.get(attempt.zygote_key)
        if attempt.alive and link is not None:
            link.kill(attempt.id, number)

    def _take(self, attempt: HostedAttempt, ended: Header, output: bytes) -> None:
        """The task told how it ended, and its record says so; unless it was being stopped, that counts."""
        judged = attempt.judge(ended)
        if judged is ended:
            self._settle(attempt, ended, output)
        else:
            self._conclude(attempt, judged)

    def _conclude(self, attempt: HostedAttempt, ended: Header) -> None:
        """The host says how it ended, and writes the record."""
        judged = attempt.judge(ended)
        with contextlib.suppress(OSError):  # a full disk does not keep the engine from hearing it
            os.makedirs(attempt.folder, 0o700, exist_ok=True)
            write_record(attempt.folder, judged, b"")
        self._settle(attempt, judged, b"")

    def _conclude_from_record(self, attempt: HostedAttempt, otherwise: Header) -> None:
        """It made no report: its record tells, if it left one."""
        found = _record(attempt.folder)
        if found is None:
            self._conclude(attempt, otherwise)
        else:
            self._take(attempt, *found)

    def _settle(self, attempt: HostedAttempt, ended: Header, output: bytes) -> None:
        attempt.log.finish()
        attempt.result, attempt.output = ended, output
        self._send_result(attempt)

    def _send_result(self, attempt: HostedAttempt) -> None:
        if attempt.result is None or self._engine is None:
            return
        header, output = attempt.result, attempt.output
        if header.get("in_record"):
            header, output = _record(attempt.folder) or (attempt.lost("its result was deleted"), b"")
        self._engine.send(encode({**header, "op": "ended"}, output))

    def _gone(self, attempt: HostedAttempt) -> None:
        """Nothing of it runs any more."""
        attempt.alive = False
        attempt.log.finish()
        self._forget(attempt)
        self._await_idle()
        self._leave_if_drained()

    def _forget(self, attempt: HostedAttempt) -> None:
        if attempt.acknowledged and not attempt.alive:
            self._attempts.pop(attempt.id, None)

    # -- housekeeping -------------------------------------------------------------------------------------------------

    def _look_at_logs(self) -> None:
        running = [attempt for attempt in self._attempts.values() if attempt.started_at and attempt.result is None]
        for attempt in running:
            attempt.log.check()
        self._looking_at_logs = bool(running)
        if running:
            self._poller.after(LOG_LOOK, self._look_at_logs)

    def _reap(self, _signals: bytes | None) -> None:
        while True:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                break
            self._pids.discard(pid)
        kill_strangers(self._pids)

    def _retire_zygotes(self) -> None:
        now = time.monotonic()
        for link in list(self._zygotes.values()):
            if link.attempts:
                link.idle_since = None
            elif link.idle_since is None:
                link.idle_since = now
            elif now - link.idle_since >= ZYGOTE_IDLE:
                link.close()
                del self._zygotes[link.key]
        self._poller.after(ZYGOTE_IDLE, self._retire_zygotes)

    def _busy(self) -> bool:
        return self._engine is not None or any(attempt.alive for attempt in self._attempts.values())

    def _await_idle(self) -> None:
        if not self._busy():
            self._idle_since = time.monotonic()
            self._poller.after(min(IDLE_LOOK, self._config.idle_seconds), self._leave_if_idle)

    def _leave_if_idle(self) -> None:
        if self._busy():
            return
        if time.monotonic() - self._idle_since >= self._config.idle_seconds or self._is_homeless():
            self._poller.running = False
        else:
            self._poller.after(min(IDLE_LOOK, self._config.idle_seconds), self._leave_if_idle)

    def _is_homeless(self) -> bool:
        """Its state folder was deleted: nobody can find it any more."""
        try:
            found = os.stat(f"{self._config.state}/host/lock")
        except OSError:
            return True
        return not os.path.samestat(found, os.fstat(self._config.lock))


def _record(folder: str) -> tuple[Header, bytes] | None:
    try:
        return read_record(folder)
    except ProtocolError:
        return None
