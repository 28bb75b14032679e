"""Each way a task can fail has a clear outcome of its own, with log, traceback and way out; nothing is left behind."""

import os
import time
from pathlib import Path

import pytest
from command import PIPELINES, Command

FAILURES = str(PIPELINES / "failures.py")


def fail(wherry: Command, function: str, *arguments: str, environ: dict[str, str] | None = None) -> str:
    done = wherry("run", FAILURES, "--function", function, *arguments, environ=environ)
    assert done.returncode == 1, done.stdout
    return str(done.stdout)


def test_a_task_that_raises_shows_message_traceback_and_log(wherry: Command) -> None:
    output = fail(wherry, "raising")

    assert "raises failed: component 'raises' raised ZeroDivisionError" in output
    assert "return rows // 0" in output
    assert "about to divide" in output


def test_what_stands_behind_a_failure_is_skipped_and_says_why_and_the_rest_runs(wherry: Command) -> None:
    output = fail(wherry, "raising")

    rows = {line.split()[0]: line for line in output.splitlines() if line.startswith("  ") and line.split()}
    assert "raises before it has no outputs" in rows["hangs"]
    assert "succeeded" in rows["fine"]


def test_a_task_that_exits_says_with_which_status(wherry: Command) -> None:
    output = fail(wherry, "exiting")

    assert "sys.exit(3)" in output
    assert "giving up" in output


def test_a_killed_task_names_the_signal(wherry: Command) -> None:
    assert "SIGKILL" in fail(wherry, "killed")


def test_a_hanging_task_is_stopped_at_its_timeout(wherry: Command, tmp_path: Path) -> None:
    compiled = tmp_path / "hanging.yaml"
    assert wherry("compile", FAILURES, "--function", "hanging", "-o", str(compiled)).returncode == 0
    compiled.write_text(
        compiled.read_text()
        + "\n---\nplatforms:\n  kubernetes:\n    deploymentSpec:\n      executors:\n"
        + "        exec-hangs:\n          activeDeadlineSeconds: 1\n"
    )

    done = wherry("run", str(compiled), timeout=60)

    assert (done.returncode, "ran longer than its timeout of 1 s" in done.stdout) == (1, True), done.stdout


def test_a_grandchild_in_a_session_of_its_own_is_gone_when_the_task_has_ended(wherry: Command, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"

    done = wherry("run", FAILURES, "--function", "grandchild", "--param", f"pid_file={pid_file}")

    assert done.returncode == 0, done.stdout
    assert is_gone(int(pid_file.read_text()), within=10)


def is_gone(pid: int, *, within: float) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def test_a_package_not_asked_for_is_named_with_the_way_to_ask(wherry: Command) -> None:
    output = fail(wherry, "missing_module")

    assert "pandas" in output
    assert "packages_to_install" in output
    assert "imports-what-it-did-not-ask-for" in output


def test_a_package_that_does_not_exist_is_named(wherry: Command) -> None:
    output = fail(wherry, "missing_package")

    assert "wherry-no-such-package-here" in output
    assert "packages_to_install" in output


def test_a_loud_task_succeeds_and_its_log_is_cut_with_a_marker(wherry: Command) -> None:
    done = wherry("run", FAILURES, "--function", "loud", "--quiet")
    assert done.returncode == 0, done.stdout

    run = runs(wherry)[0]
    log = wherry("runs", "logs", run, "prints-100-megabytes").stdout
    assert log.startswith("the first line\n")
    assert len(log) < 20 << 20
    assert "bytes are left out here" in log


def runs(wherry: Command) -> list[str]:
    lines = wherry("runs", "list").stdout.splitlines()
    return [line.split()[0] for line in lines[1:] if line.strip()]


def test_unseeded_siblings_draw_different_numbers(wherry: Command) -> None:
    done = wherry("run", FAILURES, "--function", "siblings")

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("function", ["raising", "exiting", "killed"])
def test_no_task_process_outlives_its_run(wherry: Command, function: str) -> None:
    fail(wherry, function)

    folders = [folder for pid, _ in wherry.processes() if (folder := cwd(pid)) and "/attempts/" in folder]
    assert folders == []


def cwd(pid: int) -> str | None:
    try:
        return os.readlink(f"/proc/{pid}/cwd")
    except OSError:
        return None
