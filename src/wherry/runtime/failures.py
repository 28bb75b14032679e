"""How a task that did not succeed is told: reason, message, way out, and the user's part of the traceback.

Values are those of ``Failure``, ``Fault`` and ``FailureReason`` in `wherry.model.outcomes`.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import traceback
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from wherry.runtime.command import CommandEndedError, CommandNotFoundError
from wherry.runtime.json_values import NotJsonError
from wherry.runtime.missing_module import explain_missing_module
from wherry.runtime.parameter_files import ParameterFileError
from wherry.runtime.returned import ReturnedValueError

_MESSAGE_LIMIT = 4096
_TRACEBACK_LIMIT = 16 * 1024
_OURS = __file__.rpartition("/")[0] + "/"

_MEMORY_HINT = (
    "A process that takes more memory than there is gets SIGKILL from the kernel: see whether memory ran out, "
    "process less at a time, or run fewer tasks at once."
)


def explain(error: BaseException, task: Mapping[str, Any]) -> dict[str, Any]:
    """The failure that ``error`` is, also printed into the task's log as far as it is the user's.

    Args:
        error: what came out of the task's code.
        task: the task's message.
    """
    component = task["component"]
    if isinstance(error, SystemExit):
        return _explain_exit(error, component)
    if isinstance(error, CommandEndedError):
        return explain_status(error.status, f"the command of component {component!r}")
    if isinstance(error, CommandNotFoundError):
        return user_failure("exited", str(error), hint=error.hint, exit_code=error.exit_code)
    if isinstance(error, (ReturnedValueError, NotJsonError, ParameterFileError)):
        text = _print_traceback(error)
        return user_failure("bad-output", str(error), traceback=text)
    text = _print_traceback(error)
    hint = ""
    if isinstance(error, ModuleNotFoundError):
        message = explain_missing_module(error, component=component, image=task["image"], packages=task["packages"])
        hint = "What a component imports stands in its packages_to_install, or in its image."
    else:
        said = str(error)
        message = f"component {component!r} raised {type(error).__qualname__}{': ' if said else ''}{said}"
        if isinstance(error, MemoryError):
            hint = "Memory ran out: process less at a time, or run fewer tasks at once."
    return user_failure("raised", message, hint=hint, traceback=text)


def explain_status(status: int, who: str) -> dict[str, Any]:
    """The failure that a process's wait status is. ``who`` reads like ``the process of task 'root/train'``."""
    number = status & 0x7F
    if number:
        name = signal_name(number)
        hint = _MEMORY_HINT if number == signal.SIGKILL else ""
        if number in {signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGABRT}:
            hint = (
                "Compiled code crashed. The end of the log may name it; PYTHONFAULTHANDLER=1 on the task shows where."
            )
        return user_failure("killed", f"{who} was killed by {name}", hint=hint, signal=number)
    code = status >> 8
    hint = ""
    if code == 128 + signal.SIGKILL:
        hint = f"A shell reports a command killed by SIGKILL so. {_MEMORY_HINT}"
    return user_failure("exited", f"{who} ended with exit status {code}", hint=hint, exit_code=code)


def signal_name(number: int) -> str:
    """``SIGKILL``, or ``signal 40`` for one without a name."""
    with contextlib.suppress(ValueError):
        return signal.Signals(number).name
    return f"signal {number}"


def user_failure(reason: str, message: str, **more: Any) -> dict[str, Any]:
    """A failure that is the user's. Empty values are left out."""
    if len(message) > _MESSAGE_LIMIT:
        message = message[:_MESSAGE_LIMIT] + " …"
    return {
        "fault": "user",
        "reason": reason,
        "message": message,
        **{key: value for key, value in more.items() if value or value == 0},
    }


def _explain_exit(error: SystemExit, component: str) -> dict[str, Any]:
    code = error.code
    if code is None or code is False or code == 0:
        return user_failure(
            "bad-output",
            f"component {component!r} called sys.exit() before it returned, so it reported no outputs",
            hint="Return from the function instead; a component that is done early returns its outputs.",
            exit_code=0,
        )
    if isinstance(code, int):
        return user_failure(
            "exited", f"component {component!r} called sys.exit({int(code)})", exit_code=int(code) & 0xFF
        )
    with contextlib.suppress(Exception):
        print(code, file=sys.stderr)  # noqa: T201  what the interpreter does with such an exit
    return user_failure("exited", f"component {component!r} called sys.exit({str(code)!r})", exit_code=1)


def _print_traceback(error: BaseException) -> str:
    text = "".join(traceback.format_exception(type(error), error, _user_part(error.__traceback__)))
    # The component may have closed or replaced the stream.
    with contextlib.suppress(Exception):
        sys.stderr.write(text)
    if len(text) > _TRACEBACK_LIMIT:
        half = _TRACEBACK_LIMIT // 2 - 16
        text = f"{text[:half]}\n  [...]\n{text[-half:]}"
    return text


def _user_part(trace: TracebackType | None) -> TracebackType | None:
    """The traceback without the executor's own frames, which come first."""
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(_OURS):
        trace = trace.tb_next
    return trace
