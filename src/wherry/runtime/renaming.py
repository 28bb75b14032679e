"""A rename that never replaces anything. Linux."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable

_HERE = -100  # AT_FDCWD
_NO_REPLACE = 1

try:
    import ctypes

    _renameat2: Callable[..., int] | None = ctypes.CDLL(None, use_errno=True).renameat2
except (ImportError, OSError, AttributeError):  # an interpreter without ctypes, or a C library that lacks it
    _renameat2 = None


def rename_to_new(source: str, target: str) -> None:
    """Rename ``source``; an empty folder in its place stays, too, which `os.rename` would replace.

    Raises:
        FileExistsError: ``target`` is there.
        FileNotFoundError: ``source`` is not, or the folder that ``target`` lies in.
        OSError: this system or file system cannot do it.
    """
    if _renameat2 is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), source)
    if _renameat2(_HERE, os.fsencode(source), _HERE, os.fsencode(target), _NO_REPLACE):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), source, None, target)
