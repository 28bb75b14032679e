"""A person's session at the terminal: run, look, cancel, retry, ask where things came from."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from command import PIPELINES, Command

FAILURES = str(PIPELINES / "failures.py")
HELLO = str(PIPELINES / "hello.py")


def run_ids(wherry: Command) -> list[str]:
    lines = wherry("runs", "list").stdout.splitlines()
    return [line.split()[0] for line in lines[1:] if line.strip()]


def start_hanging(wherry: Command) -> tuple[subprocess.Popen[str], str]:
    """A run whose task hangs, once that task is running: the process and the run's id."""
    process = wherry.popen("run", FAILURES, "--function", "hanging")
    assert process.stdout is not None
    for line in process.stdout:
        if "▶ hangs" in line:
            break
    return process, run_ids(wherry)[0]


def test_a_run_is_followed_with_its_logs_and_ends_in_a_table(wherry: Command) -> None:
    done = wherry("run", HELLO, "--param", "name=Ada")

    assert done.returncode == 0, done.stdout
    assert "greet │ greeting Ada" in done.stdout
    assert "shout  succeeded" in done.stdout


def test_the_same_run_again_reuses_everything(wherry: Command) -> None:
    wherry("run", HELLO)

    done = wherry("run", HELLO)

    assert done.stdout.count("reused from run") == 2, done.stdout


def test_a_cache_miss_says_what_differs(wherry: Command) -> None:
    wherry("run", HELLO, "--param", "name=Ada")

    done = wherry("run", HELLO, "--param", "name=Grace")

    assert "'name'" in done.stdout, done.stdout


def test_no_cache_runs_everything_again(wherry: Command) -> None:
    wherry("run", HELLO)

    done = wherry("run", HELLO, "--no-cache")

    assert "reused" not in done.stdout, done.stdout


def test_ctrl_c_cancels_and_says_so(wherry: Command) -> None:
    process, run = start_hanging(wherry)

    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=30)

    assert process.returncode == 130, output
    assert f"Cancelling run {run}" in output
    assert "CANCELED" in output


def test_a_second_run_on_the_folder_is_told_who_holds_it_within_a_second(wherry: Command) -> None:
    process, _ = start_hanging(wherry)
    wherry("--version")  # warm

    began = time.monotonic()
    done = wherry("run", HELLO)
    seconds = time.monotonic() - began

    assert done.returncode == 1, done.stdout
    assert f"process {process.pid}" in done.stdout
    assert "--state" in done.stdout
    assert seconds < 5, "a person would think that it hangs"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)


def test_a_run_is_cancelled_from_another_terminal(wherry: Command) -> None:
    process, run = start_hanging(wherry)

    done = wherry("runs", "cancel", run)
    output, _ = process.communicate(timeout=30)

    assert (done.returncode, process.returncode) == (0, 130), done.stdout + output
    assert "CANCELED" in done.stdout


def test_an_interrupted_run_can_be_cancelled_by_whoever_comes(wherry: Command) -> None:
    process, run = start_hanging(wherry)
    process.kill()
    process.communicate()

    done = wherry("runs", "cancel", run)

    assert "CANCELED" in done.stdout, done.stdout
    assert wherry("runs", "list").stdout.count("CANCELED") == 1


def test_cancelling_a_finished_run_does_nothing(wherry: Command) -> None:
    wherry("run", HELLO)

    done = wherry("runs", "cancel", run_ids(wherry)[0])

    assert (done.returncode, "SUCCEEDED" in done.stdout) == (0, True)


def test_a_retry_keeps_what_succeeded(wherry: Command, tmp_path: Path) -> None:
    switch = tmp_path / "switch"
    first = wherry("run", str(PIPELINES / "fixable.py"), "--param", f"switch={switch}")
    assert first.returncode == 1, first.stdout
    switch.touch()

    done = wherry("runs", "retry", run_ids(wherry)[0])

    assert done.returncode == 0, done.stdout
    states = dict(line.split()[:2] for line in done.stdout.split("attempt  why")[1].splitlines() if line.strip())
    assert states == {"before": "kept", "depends": "succeeded", "after": "succeeded"}


def test_only_a_run_that_failed_can_be_retried(wherry: Command) -> None:
    wherry("run", HELLO)

    done = wherry("runs", "retry", run_ids(wherry)[0])

    assert done.returncode != 0
    assert "succeeded" in done.stdout.lower()


def test_logs_of_one_task_and_of_all(wherry: Command) -> None:
    wherry("run", HELLO, "--param", "name=Ada")
    run = run_ids(wherry)[0]

    assert wherry("runs", "logs", run, "greet").stdout == "greeting Ada\n"
    assert "== shout" in wherry("runs", "logs", run).stdout


def test_an_unknown_run_or_task_is_named_with_what_exists(wherry: Command) -> None:
    wherry("run", HELLO)

    assert "'ffffffff'" in wherry("runs", "show", "ffffffff").stdout
    assert "greet, shout" in wherry("runs", "logs", run_ids(wherry)[0], "nothing").stdout


def test_a_registered_model_is_asked_for_its_origin(wherry: Command) -> None:
    done = wherry("run", str(PIPELINES / "registering.py"))
    assert "registered as penguins v1" in done.stdout, done.stdout

    upstream = wherry("lineage", "penguins@1").stdout
    assert "penguins v1" in upstream
    assert "make.table" in upstream

    missing = wherry("lineage", "penguins@7")
    assert (missing.returncode, "It has 1." in missing.stdout) == (2, True)


def test_what_was_made_from_an_artifact(wherry: Command) -> None:
    wherry("run", str(PIPELINES / "registering.py"))
    shown = wherry("runs", "show", run_ids(wherry)[0]).stdout
    artifact = next(line.split()[0] for line in shown.splitlines() if "make.table" in line)

    assert "penguins v1" in wherry("lineage", artifact, "--down").stdout


def test_version_and_help_come_without_the_service(wherry: Command) -> None:
    shown = wherry("--version")

    assert shown.stdout.startswith("wherry ")
    assert "demo" in wherry("--help").stdout


@pytest.mark.parametrize("command", [["run"], ["runs", "show"], ["lineage"], ["nothing"]])
def test_wrong_use_says_how_it_is_used(wherry: Command, command: list[str]) -> None:
    done = wherry(*command)

    assert (done.returncode, "Usage: " in done.stdout) == (2, True), done.stdout


def test_a_file_that_imports_kfp_is_compiled_by_kfp_where_that_is_installed(wherry: Command, tmp_path: Path) -> None:
    source, target = str(PIPELINES / "with_kfp.py"), tmp_path / "letters.yaml"
    ran = wherry("run", source, "--param", "text=abc")
    compiled = wherry("compile", source, "-o", str(target))
    again = wherry("run", str(target), "--param", "text=abc")

    assert ran.returncode == 0, ran.stdout
    assert "count │ letters: 3" in ran.stdout
    assert (compiled.returncode, "sdkVersion: kfp-2.17.0" in target.read_text()) == (0, True), compiled.stdout
    assert again.stdout.count("reused from run") == 2, again.stdout


def test_what_kfp_compiled_and_what_wherry_compiles_is_the_same_work(wherry: Command) -> None:
    wherry("run", str(PIPELINES / "with_kfp.py"))

    done = wherry("run", str(PIPELINES / "with_kfp.py"), "--compiler", "wherry")

    assert done.stdout.count("reused from run") == 2, done.stdout


def test_the_doctor_finds_this_machine_fit(wherry: Command) -> None:
    wherry("run", HELLO)

    done = wherry("doctor")

    assert done.returncode == 0, done.stdout
    assert "database     sound" in done.stdout


def test_the_doctor_finds_a_damaged_database(wherry: Command) -> None:
    wherry("run", HELLO)
    with (wherry.state / "wherry.db").open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(40960))

    done = wherry("doctor")

    assert (done.returncode, "fail" in done.stdout) == (1, True), done.stdout


def test_the_doctor_finds_a_database_that_holds_nothing(wherry: Command) -> None:
    wherry("run", HELLO)
    (wherry.state / "wherry.db").write_bytes(b"")

    done = wherry("doctor")

    assert (done.returncode, "is empty" in done.stdout) == (1, True), done.stdout


def test_a_folder_that_cannot_be_made_is_named(wherry: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    done = wherry("run", HELLO, "--state", str(tmp_path / "file" / "state"))

    assert done.returncode == 1
    assert "Traceback" not in done.stdout, done.stdout
