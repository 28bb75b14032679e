"""The state folder: where things lie in it, its format number, and who holds it."""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import os
import socket
import time
from pathlib import Path
from typing import Final

import msgspec

from wherry.errors import FailedPreconditionError, StateHeldError

FORMAT: Final = 1
"""Number of the folder's layout. A newer one is refused."""

_PRIVATE: Final = ("artifacts", "environments")
"""Folders that others fill."""


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds a state folder, as its lock file says."""

    pid: int
    host: str
    command: str
    since: int
    """Microseconds since 1970."""


class _Format(msgspec.Struct, frozen=True):
    state: int


class StateFolder:
    """A folder with a database in it. Opening it for writing takes its lock, which ends with the process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.path / "wherry.db"

    def hold(self, *, command: str) -> None:
        """Make the folder if need be, and keep every other writer out until `release`.

        Args:
            command: what this process was started as, for whoever is kept out.

        Raises:
            StateHeldError: another process holds it; the message names that process.
            FailedPreconditionError: the folder was made by a newer wherry, or cannot be written.
        """
        lock = self._open_lock()
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise self._held() from None
        self._lock = lock
        try:
            self.check_format()
            self._write_format()
            self._sign(lock, command)
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Let the next writer in. Idempotent."""
        if self._lock is not None:
            os.ftruncate(self._lock, 0)
            os.close(self._lock)
            self._lock = None

    def _write_format(self) -> None:
        # Whole or not at all: who is killed in between must not leave what nobody can read.
        new = self.path / "format.new"
        new.write_bytes(msgspec.json.encode(_Format(FORMAT)) + b"\n")
        new.replace(self.path / "format")

    def check_format(self) -> None:
        """Raise FailedPreconditionError if the folder is of a format this wherry does not know."""
        try:
            text = (self.path / "format").read_bytes()
        except FileNotFoundError:
            return
        if not text:
            return  # an early wherry was killed as it wrote it
        try:
            found = msgspec.json.decode(text, type=_Format).state
        except msgspec.DecodeError as error:
            raise FailedPreconditionError(f"'{self.path / 'format'}' cannot be read: {error}") from error
        if found > FORMAT:
            raise FailedPreconditionError(
                f"the state folder '{self.path}' has format {found}; this wherry knows formats up to {FORMAT}",
                hint="Use the newer wherry that wrote it, or another folder with '--state OTHER'.",
            )

    def holder(self) -> Holder | None:
        """Who holds the folder now; None if nobody does, or whoever does has not signed yet."""
        try:
            lock = os.open(self.path / "lock", os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return self._read_signature()
        finally:
            os.close(lock)
        return None

    def _open_lock(self) -> int:
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            # The folder may have been there, open to all; tasks and uv write below these by masks of their own.
            for name in _PRIVATE:
                (self.path / name).mkdir(mode=0o700, exist_ok=True)
            return os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise FailedPreconditionError(
                f"the state folder '{self.path}' cannot be written: {error.strerror or error}",
                hint="Name another one with '--state DIR'.",
            ) from error

    def _sign(self, lock: int, command: str) -> None:
        holder = Holder(pid=os.getpid(), host=socket.gethostname(), command=command, since=time.time_ns() // 1000)
        os.ftruncate(lock, 0)
        os.pwrite(lock, msgspec.json.encode(holder) + b"\n", 0)

    def _read_signature(self) -> Holder | None:
        with contextlib.suppress(OSError, msgspec.DecodeError):
            return msgspec.json.decode((self.path / "lock").read_bytes(), type=Holder)
        return None

    def _held(self) -> StateHeldError:
        holder = self._read_signature()
        if holder is None:
            return StateHeldError(
                f"the state folder '{self.path}' is held by another process",
                hint="Wait until it ends, or use another folder with '--state OTHER'.",
            )
        since = dt.datetime.fromtimestamp(holder.since / 1e6, tz=dt.UTC)
        return StateHeldError(
            f"the state folder '{self.path}' is held by '{holder.command}' (process {holder.pid} on {holder.host}, "
            f"since {since:%Y-%m-%d %H:%M:%S} UTC)",
            hint=f"Wait until it ends, stop it with 'kill {holder.pid}', or use another folder with '--state OTHER'.",
        )
