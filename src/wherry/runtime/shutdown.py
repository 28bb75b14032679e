"""The end of a Python process that is left by ``os._exit``: what the interpreter would have done first."""

from __future__ import annotations

import atexit
import contextlib
import logging
import sys
import threading
import traceback
from collections.abc import Iterator

#: What `count_now` found: a process with no more than that has nothing to do at its end.
_counted: list[tuple[int, int]] = []


def count_now() -> None:
    """In a zygote: no exit handler and no log that is there now needs anything at the end of a fork.

    ``threading`` and ``logging`` register theirs in every process. To run them for nothing touches so much memory that
    it is a tenth of what a fork costs.
    """
    _counted[:] = [_count()]


def _count() -> tuple[int, int]:
    """Exit handlers, and logs that are to be closed."""
    return atexit._ncallbacks(), len(logging._handlerList)  # type: ignore[attr-defined]  # noqa: SLF001  no other way


def _is_idle() -> bool:
    return _counted == [_count()] and threading.active_count() == 1 and not threading._threading_atexits  # type: ignore[attr-defined]  # noqa: SLF001  handlers of their own


def finish_python() -> None:
    """Join threads that are not daemons, run exit handlers, flush the standard streams: in Python's own order.

    For a child forked from a zygote: it must not go back through the zygote's frames, so it leaves by ``os._exit``,
    which does none of this. What a handler raises is printed, as the interpreter prints it, and changes nothing.
    """
    if not _is_idle():
        with _printing_errors():
            threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001  the interpreter's own first step
        with _printing_errors():
            atexit._run_exitfuncs()  # noqa: SLF001  and its second
    for stream in (sys.stdout, sys.stderr):
        # A stream may be None, closed by the component, or a pipe that nobody reads.
        with contextlib.suppress(AttributeError, ValueError, OSError):
            stream.flush()


@contextlib.contextmanager
def _printing_errors() -> Iterator[None]:
    try:
        yield
    except BaseException:  # noqa: BLE001  an exit handler may raise anything, SystemExit too
        with contextlib.suppress(AttributeError, ValueError, OSError):
            traceback.print_exc()
