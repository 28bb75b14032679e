"""The user's code is run, and its end reported. Loading this loads all that a task needs; a warm zygote has done so."""

from __future__ import annotations

from collections.abc import Mapping
from threading import main_thread
from typing import Any, NoReturn

from wherry.runtime import json_text
from wherry.runtime.command import run_command
from wherry.runtime.custom_paths import bring_home
from wherry.runtime.executor import run_component
from wherry.runtime.failures import explain
from wherry.runtime.loader import HEADER, compile_ahead, unload
from wherry.runtime.protocol import encode
from wherry.runtime.report import Reporter, now
from wherry.runtime.shutdown import finish_python
from wherry.runtime.uris import set_task_root

#: A task of our own, but for folder and environment.
REHEARSAL: Mapping[str, Any] = {
    "source": HEADER + "\ndef rehearsal(number: int) -> int:\n    return number\n",
    "function": "rehearsal",
    "component": "rehearsal",
    "executor_input": {
        "inputs": {"parameterValues": {"number": 1}},
        "outputs": {"parameters": {"Output": {"outputFile": ""}}},
    },
    "output_types": {"Output": "NUMBER_INTEGER"},
    "argv": (),
    "use_kfp": False,
}


def perform(task: Mapping[str, Any], reporter: Reporter) -> NoReturn:
    """Run the user's code, then report, then leave."""
    reporter.end(*carry_out(task, reporter))


def carry_out(task: Mapping[str, Any], reporter: Reporter) -> tuple[bytes, dict[str, Any] | None]:
    """Run the user's code, and all that it left for the end.

    Returns:
        Its ExecutorOutput as JSON, and its failure if it failed.
    """
    if hasattr(main_thread(), "_set_native_id"):
        # The thread has a new id in the kernel, which Python asks for in a hook that was put off.
        main_thread()._set_native_id()  # type: ignore[attr-defined]  # noqa: SLF001  no other way
    reporter.started_at = now()
    output, failure = b"", None
    try:
        result = _result(task)
        bring_home(result.get("artifacts") or {})
        output = json_text.write_finite(result).encode()
    except BaseException as error:  # noqa: BLE001  the executor's edge: whatever user code raises is its outcome
        failure = explain(error, task)
    finish_python()
    return output, failure


def rehearse() -> None:
    """Run a component of our own once, for what that leaves in the interpreter: a fork then does it in half the time.

    The stand-in for kfp stays installed: only for a zygote whose tasks use that.
    """
    encode({"op": "ended"}, json_text.write_finite(_result(REHEARSAL)).encode())
    forget_rehearsal()


def forget_rehearsal() -> None:
    """Undo what running `REHEARSAL` left that the next task would see."""
    set_task_root(None)
    unload(REHEARSAL["function"])
    compile_ahead(REHEARSAL["source"], REHEARSAL["function"])


def _result(task: Mapping[str, Any]) -> dict[str, Any]:
    if task["argv"]:
        return run_command(
            task["argv"],
            executor_input=task["executor_input"],
            output_types=task["output_types"],
            component=task["component"],
        )
    return run_component(
        source=task["source"],
        function=task["function"],
        executor_input=task["executor_input"],
        output_types=task["output_types"],
        component=task["component"],
        use_kfp=task["use_kfp"],
    )
