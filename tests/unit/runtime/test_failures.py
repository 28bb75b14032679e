from __future__ import annotations

import signal
from typing import Any

import pytest

from wherry.runtime.failures import explain, explain_status

TASK: dict[str, Any] = {"component": "train", "image": "python:3.11", "packages": ["pandas"]}


def raised(error: BaseException) -> BaseException:
    return error.with_traceback(None)


def test_an_exception_is_told_by_type_and_text() -> None:
    failure = explain(raised(KeyError("rows")), TASK)

    assert (failure["fault"], failure["reason"]) == ("user", "raised")
    assert failure["message"] == "component 'train' raised KeyError: 'rows'"


def test_an_exception_without_text_is_told_by_its_type() -> None:
    assert explain(raised(MemoryError()), TASK)["message"] == "component 'train' raised MemoryError"


def test_the_executors_own_frames_are_left_out_of_the_traceback() -> None:
    def run_user_code() -> None:
        raise ValueError("no")

    frames = explain(raised_by(run_user_code), TASK)["traceback"].splitlines()
    assert "run_user_code" in frames[-3]


def raised_by(call: Any) -> BaseException:
    try:
        call()
    except BaseException as caught:  # noqa: BLE001  whatever it is
        return caught
    raise AssertionError


def test_a_traceback_is_at_most_16_kib() -> None:
    failure = explain(raised(ValueError("x" * 100_000)), TASK)

    assert len(failure["traceback"]) <= 16 * 1024
    assert len(failure["message"]) < 5000


@pytest.mark.parametrize(("code", "expected"), [(3, 3), (-1, 255), ("give up", 1), (True, 1)])
def test_an_exit_is_told_by_its_status(code: Any, expected: int) -> None:
    failure = explain(raised(SystemExit(code)), TASK)

    assert (failure["reason"], failure["exit_code"]) == ("exited", expected)


@pytest.mark.parametrize("code", [None, 0, False])
def test_an_exit_without_an_error_has_no_outputs_to_report(code: Any) -> None:
    assert explain(raised(SystemExit(code)), TASK)["reason"] == "bad-output"


def test_a_status_is_an_exit_or_a_signal() -> None:
    told = [explain_status(status, "the process of task 'root/train'") for status in (3 << 8, signal.SIGTERM, 40)]

    assert [failure["message"] for failure in told] == [
        "the process of task 'root/train' ended with exit status 3",
        "the process of task 'root/train' was killed by SIGTERM",
        "the process of task 'root/train' was killed by signal 40",
    ]


@pytest.mark.parametrize("status", [signal.SIGKILL, 137 << 8])
def test_memory_is_mentioned_where_the_kernel_may_have_killed(status: int) -> None:
    assert "memory" in explain_status(status, "it")["hint"]
