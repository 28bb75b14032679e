"""A person's session at the terminal while a server holds the state folder, or is elsewhere."""

import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import PIPELINES, Command
from served import Served, served

FAILURES = str(PIPELINES / "failures.py")
HELLO = str(PIPELINES / "hello.py")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("commands") / "state") as running:
        yield running


@pytest.fixture
def wherry(server: Served) -> Command:
    return server.command


@pytest.fixture
def elsewhere(server: Served, tmp_path: Path) -> Command:
    """The command of somebody who has another state folder, and knows the server's address."""
    return Command(tmp_path / "other", {"WHERRY_HOST": server.url})


def run_id(output: str) -> str:
    found = re.search(r"/runs/([0-9a-f-]{36})$", output, re.MULTILINE)
    assert found is not None, output
    return found.group(1)


def start_hanging(command: Command) -> tuple[subprocess.Popen[str], str]:
    """A run whose task hangs, once that task is running: the process and the run's id."""
    process = command.popen("run", FAILURES, "--function", "hanging")
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if "▶ hangs" in line:
            break
    return process, run_id(said)


def test_a_run_goes_to_the_server_and_is_followed_there_with_its_logs(server: Served, wherry: Command) -> None:
    done = wherry("run", HELLO, "--param", "name=Ada")

    assert done.returncode == 0, done.stdout
    assert f"on the server at {server.url}" in done.stdout
    assert f"{server.url}/#/runs/{run_id(done.stdout)}" in done.stdout
    assert "greet │ greeting Ada" in done.stdout
    assert "shout  succeeded" in done.stdout
    assert server.get(f"/runs/{run_id(done.stdout)}").json["state"] == "SUCCEEDED"


def test_the_exit_status_is_the_outcome(wherry: Command) -> None:
    done = wherry("run", FAILURES, "--function", "raising")

    assert done.returncode == 1, done.stdout
    assert "ZeroDivisionError" in done.stdout
    assert 'File "<component raises>"' in done.stdout


def test_no_cache_runs_everything_again_on_the_server(wherry: Command) -> None:
    wherry("run", HELLO, "--param", "name=twice")

    assert "reused" in wherry("run", HELLO, "--param", "name=twice").stdout
    assert "reused" not in wherry("run", HELLO, "--param", "name=twice", "--no-cache").stdout


def test_ctrl_c_cancels_the_run_on_the_server_and_says_so(server: Served, wherry: Command) -> None:
    process, run = start_hanging(wherry)

    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=30)

    assert process.returncode == 130, output
    assert f"Cancelling run {run[:8]}" in output
    assert "CANCELED" in output
    assert server.get(f"/runs/{run}").json["error"]["code"] == 1


def test_a_killed_command_leaves_the_run_to_the_server(server: Served, wherry: Command) -> None:
    process, run = start_hanging(wherry)
    process.kill()
    process.communicate()

    assert server.get(f"/runs/{run}").json["state"] == "RUNNING"
    assert "CANCELED" in wherry("runs", "cancel", run[:8]).stdout


def test_a_run_is_cancelled_from_another_machine(elsewhere: Command) -> None:
    process, run = start_hanging(elsewhere)

    done = elsewhere("runs", "cancel", run[:8])
    output, _ = process.communicate(timeout=30)

    assert (done.returncode, process.returncode) == (0, 130), done.stdout + output
    assert done.stdout == f"run {run[:8]} is CANCELED\n"


@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_a_retry_runs_on_the_server_and_keeps_what_succeeded(
    wherry: Command, elsewhere: Command, tmp_path: Path, where: str
) -> None:
    command = wherry if where == "here" else elsewhere
    switch = tmp_path / "switch"
    first = command("run", str(PIPELINES / "fixable.py"), "--param", f"switch={switch}")
    assert first.returncode == 1, first.stdout
    switch.touch()

    done = command("runs", "retry", run_id(first.stdout)[:8])

    assert done.returncode == 0, done.stdout
    assert done.stdout.count("▶ depends") == 1, done.stdout
    states = [line.split()[:2] for line in done.stdout.split("attempt  why")[1].splitlines() if line.strip()]
    assert [state for name, state in states if name == "depends"] == ["succeeded"]
    assert "generation 1" in done.stdout


def test_another_machine_lists_shows_and_reads_logs(wherry: Command, elsewhere: Command) -> None:
    ran = run_id(wherry("run", HELLO, "--param", "name=Grace", "--name", "from afar").stdout)

    assert "from afar" in elsewhere("runs", "list").stdout
    assert "greet  succeeded" in elsewhere("runs", "show", ran[:8]).stdout
    assert elsewhere("runs", "logs", ran[:8], "greet").stdout == "greeting Grace\n"
    assert "== shout" in elsewhere("runs", "logs", ran).stdout
    assert not elsewhere.state.exists()


def test_a_failure_elsewhere_is_told_with_its_traceback(elsewhere: Command) -> None:
    done = elsewhere("run", FAILURES, "--function", "raising")

    assert done.returncode == 1, done.stdout
    assert "raises failed: component 'raises' raised ZeroDivisionError" in done.stdout
    assert '    File "<component raises>", line' in done.stdout


def test_another_machine_asks_where_things_came_from(wherry: Command, elsewhere: Command) -> None:
    wherry("run", str(PIPELINES / "registering.py"))
    shown = elsewhere("runs", "show", run_id(elsewhere("run", str(PIPELINES / "registering.py")).stdout)).stdout
    table = next(line.split()[0] for line in shown.splitlines() if "make.table" in line)

    for command in (wherry, elsewhere):
        upstream = command("lineage", "penguins@1").stdout
        assert "penguins v1" in upstream
        assert "make.table" in upstream
        downstream = command("lineage", table, "--down").stdout
        assert "penguins v1" in downstream
        assert "make.table" in downstream
        missing = command("lineage", "penguins@7")
        assert (missing.returncode, "It has 1." in missing.stdout) == (2, True), missing.stdout


def test_what_is_not_there_is_named(wherry: Command, elsewhere: Command) -> None:
    ran = run_id(wherry("run", HELLO).stdout)

    for command in (wherry, elsewhere):
        missing = command("runs", "show", "ffffffff")
        assert (missing.returncode, "'ffffffff'" in missing.stdout) == (2, True), missing.stdout
        assert "greet, shout" in command("runs", "logs", ran, "nothing").stdout


def test_the_doctor_asks_the_server(server: Served, wherry: Command) -> None:
    done = wherry("doctor")

    assert done.returncode == 0, done.stdout
    assert f"server       {server.url} answers" in done.stdout


def test_settings_of_this_process_are_refused_for_a_run_of_the_server(wherry: Command) -> None:
    done = wherry("run", HELLO, "--env", "current", "--jobs", "3")

    assert done.returncode == 2
    assert "--env, --jobs" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--host", "http://127.0.0.1:9"], "no server answers at 'http://127.0.0.1:9'"),
        (["--host", "nonsense://x"], "'nonsense://x' is no address of a server"),
        (["--host", "http://127.0.0.1:9", "--state", "x"], "--host and --state name two places"),
    ],
)
def test_a_wrong_host_is_named(wherry: Command, arguments: list[str], says: str) -> None:
    done = wherry("runs", "list", *arguments)

    assert done.returncode in {1, 2}
    assert says in done.stdout
    assert "Traceback" not in done.stdout


def test_an_explicit_state_folder_wins_over_the_host_of_the_environment(elsewhere: Command, tmp_path: Path) -> None:
    assert "No runs yet" in elsewhere("runs", "list", "--state", str(tmp_path / "third")).stdout


def test_a_token_is_asked_for_and_taken(tmp_path: Path) -> None:
    with served(tmp_path / "state", "--require-token") as strict:
        stranger = Command(tmp_path / "other", {"WHERRY_HOST": strict.url})
        token = (strict.command.state / "server" / "token").read_text().strip()
        refused = stranger("runs", "list")
        by_option = stranger("runs", "list", "--token", token)
        by_environment = stranger("runs", "list", environ={"WHERRY_TOKEN": token})
        own = strict.command("run", HELLO)

    assert (refused.returncode, "WHERRY_TOKEN" in refused.stdout) == (1, True), refused.stdout
    assert [done.stdout.split(".")[0] for done in (by_option, by_environment)] == ["No runs yet"] * 2
    assert own.returncode == 0, own.stdout


def test_a_server_that_hangs_holds_up_no_looking_and_is_named(tmp_path: Path) -> None:
    with served(tmp_path / "state") as hung:
        ran = run_id(hung.command("run", HELLO).stdout)
        hung.process.send_signal(signal.SIGSTOP)
        try:
            shown = hung.command("runs", "show", ran)
            refused = hung.command("run", HELLO)
            examined = hung.command("doctor")
        finally:
            hung.process.send_signal(signal.SIGCONT)

    assert "greet  succeeded" in shown.stdout
    assert (refused.returncode, f"process {hung.process.pid}" in refused.stdout) == (1, True), refused.stdout
    assert (examined.returncode, f"{hung.url} does not answer" in examined.stdout) == (1, True), examined.stdout


def test_a_run_is_followed_on_through_a_restart_of_its_server(tmp_path: Path) -> None:
    with served(tmp_path / "state") as first:
        process, run = start_hanging(first.command)
        port = first.url.rpartition(":")[2]
        first.stop()
        process_of_second = first.command.popen("up", "--port", port)
        try:
            assert process_of_second.stdout is not None
            assert first.url in process_of_second.stdout.readline()
            cancelled = first.command("runs", "cancel", run)
            output, _ = process.communicate(timeout=60)
        finally:
            process_of_second.terminate()
            process_of_second.communicate(timeout=30)

    assert "CANCELED" in cancelled.stdout
    assert process.returncode == 130, output
    assert "run is being cancelled by" in output


def test_a_server_that_dies_is_told_and_the_run_goes_on_with_the_next(tmp_path: Path) -> None:
    with served(tmp_path / "state") as dying:
        process, run = start_hanging(dying.command)
        dying.stop(signal.SIGKILL)
        output, _ = process.communicate(timeout=60)
        cancelled = dying.command("runs", "cancel", run)

    assert process.returncode == 1, output
    assert "went away" in output
    assert f"wherry runs show {run[:8]}" in output
    assert "CANCELED" in cancelled.stdout


def test_without_its_server_the_folder_is_for_this_process_again(tmp_path: Path) -> None:
    with served(tmp_path / "state") as gone:
        gone.stop(signal.SIGKILL)
        done = gone.command("run", HELLO)

    assert done.returncode == 0, done.stdout
    assert "on the server" not in done.stdout
