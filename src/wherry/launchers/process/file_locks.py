"""Locks on files that end with their holder, however that ends."""

from __future__ import annotations

import enum
import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self


class LockKind(enum.Enum):
    """Who else may hold a lock on the same file."""

    SHARED = fcntl.LOCK_SH  # others that are shared too
    EXCLUSIVE = fcntl.LOCK_EX  # nobody


class FileLock:
    """A `flock` on a file of its own, between processes and between threads of one process.

    A context manager: entering waits for the lock. The file is made when needed and may be deleted by a holder of the
    exclusive lock. A child process that inherits `fileno` keeps the lock held after this process has died.
    """

    def __init__(self, path: Path, kind: LockKind) -> None:
        self.path = path
        self._kind = kind
        self._descriptor: int | None = None

    def try_acquire(self) -> bool:
        """Take the lock if that is possible at once. A lock already taken stays taken."""
        return self._descriptor is not None or self._acquire(fcntl.LOCK_NB)

    def __enter__(self) -> Self:
        if self._descriptor is None:
            self._acquire(0)
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def fileno(self) -> int:
        """The descriptor that carries the lock."""
        if self._descriptor is None:
            raise ValueError(f"The lock on {self.path} is not held.")
        return self._descriptor

    def _acquire(self, flag: int) -> bool:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        while True:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, self._kind.value | flag)
            except BlockingIOError:
                os.close(descriptor)
                return False
            except BaseException:
                os.close(descriptor)
                raise
            if self._is_current(descriptor):
                self._descriptor = descriptor
                return True
            os.close(descriptor)

    def _is_current(self, descriptor: int) -> bool:
        """Whether the locked file is still the one at the path: the last holder may have deleted it."""
        try:
            return os.path.samestat(os.fstat(descriptor), os.stat(self.path))  # noqa: PTH116  as the function wants it
        except FileNotFoundError:
            return False
