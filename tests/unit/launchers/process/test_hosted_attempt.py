from __future__ import annotations

from typing import Any

from wherry.launchers.process.hosted_attempt import HostedAttempt, Stop

SUCCEEDED = {"op": "ended", "attempt": "a1", "outcome": "succeeded", "started_at": 5, "ended_at": 9}


def attempt(**fields: Any) -> HostedAttempt:
    return HostedAttempt(
        {
            "attempt": "a1",
            "task": "root/train",
            "component": "train",
            "folder": "/absent",
            "timeout": 2.0,
            "grace": 1.0,
            "log_limit": 4096,
            **fields,
        }
    )


def test_an_end_counts_as_told() -> None:
    assert attempt().judge(SUCCEEDED) is SUCCEEDED


def test_an_attempt_that_was_being_cancelled_is_cancelled_whatever_it_says_at_last() -> None:
    stopped = attempt()
    stopped.stop = Stop.CANCEL

    judged = stopped.judge(SUCCEEDED)
    assert (judged["outcome"], judged["started_at"]) == ("cancelled", 5)


def test_an_attempt_that_was_being_stopped_for_its_timeout_has_timed_out() -> None:
    stopped = attempt()
    stopped.stop = Stop.TIMEOUT

    failure = stopped.judge(SUCCEEDED)["failure"]
    assert (failure["fault"], failure["reason"]) == ("user", "timed-out")
    assert failure["message"] == "task 'root/train' ran longer than its timeout of 2 s and was stopped"


def test_the_end_of_the_process_without_a_report_is_what_the_zygote_says() -> None:
    killed = {"fault": "user", "reason": "killed", "message": "the process was killed by SIGKILL", "signal": 9}

    ended = attempt().end_of({"op": "exit", "attempt": "a1", "at": 5, "failure": killed})
    assert (ended["outcome"], ended["started_at"], ended["failure"]) == ("failed", 5, killed)


def test_an_exit_status_of_0_without_a_report_is_a_failure() -> None:
    failure = attempt().end_of({"op": "exit", "attempt": "a1", "at": 5})["failure"]

    assert (failure["reason"], failure["exit_code"]) == ("exited", 0)
