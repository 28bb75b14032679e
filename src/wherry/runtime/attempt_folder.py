"""The folder of an attempt: made by the attempt's own process, once; or ahead of need, and then moved into place."""

# Every task pays for this, and a zygote has no pathlib.
# ruff: noqa: PTH102, PTH103, PTH106, PTH108, PTH110, PTH120

from __future__ import annotations

import contextlib
import os

from wherry.runtime.protocol import RECORD
from wherry.runtime.renaming import rename_to_new


def enter(folder: str, made: str = "") -> bool:
    """Go to the attempt's folder, output into its log. False if it was there: someone ran it before.

    Args:
        folder: of the attempt.
        made: one that `make` made for this process, to become it; empty: there is none.

    Raises:
        OSError: it cannot be made.
    """
    try:
        if not (made and _move(made, folder)):
            make(folder)
    except FileExistsError:
        return False
    except FileNotFoundError:
        os.makedirs(os.path.dirname(folder), 0o700, exist_ok=True)
        return enter(folder, made)
    return True


def make(folder: str) -> None:
    """Make a folder as attempts have it and go there, output into its log.

    Raises:
        FileExistsError: it is there.
        OSError: it cannot be made.
    """
    os.mkdir(folder, 0o700)
    os.mkdir(folder + "/work", 0o700)
    log = os.open(folder + "/log", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    os.chdir(folder + "/work")


def remove_unused(folder: str) -> None:
    """Remove a folder that `make` made and no attempt but a rehearsed one has used, if it is there."""
    for name in ("log", RECORD):
        with contextlib.suppress(OSError):
            os.unlink(f"{folder}/{name}")
    for path in (f"{folder}/work", folder):
        with contextlib.suppress(OSError):
            os.rmdir(path)


def _move(made: str, folder: str) -> bool:
    """Have ``made`` in the attempt's place. False if that cannot be, and it is gone: it has to be made there."""
    try:
        rename_to_new(made, folder)
    except FileExistsError:
        raise
    except OSError as error:
        if isinstance(error, FileNotFoundError) and os.path.exists(made):
            raise  # the folder of the run is missing
        remove_unused(made)
        return False
    return True
