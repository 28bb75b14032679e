"""The end of a Python process that is left by ``os._exit``: what the interpreter would have done first."""

from __future__ import annotations

import atexit
import contextlib
import logging
import sys
import threading
import traceback
from collections.abc import Iterator


def finish_python() -> None:
    """Join threads that are not daemons, run exit handlers, flush the standard streams: in Python's own order.

    For a child forked from a zygote: it must not go back through the zygote's frames, so it leaves by ``os._exit``,
    which does none of this. What a handler raises is printed, as the interpreter prints it, and changes nothing.
    """
    with _printing_errors():
        threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001  the interpreter's own first step
    with _printing_errors():
        atexit._run_exitfuncs()  # noqa: SLF001  and its second
    for stream in (sys.stdout, sys.stderr):
        # A stream may be None, closed by the component, or a pipe that nobody reads.
        with contextlib.suppress(AttributeError, ValueError, OSError):
            stream.flush()


def rehearse_finish() -> None:
    """Go through what `finish_python` uses, as far as that ends nothing."""
    with _printing_errors():
        threading.enumerate()
        logging.shutdown([])
    for stream in (sys.stdout, sys.stderr):
        stream.flush()


@contextlib.contextmanager
def _printing_errors() -> Iterator[None]:
    try:
        yield
    except BaseException:  # noqa: BLE001  an exit handler may raise anything, SystemExit too
        with contextlib.suppress(AttributeError, ValueError, OSError):
            traceback.print_exc()
