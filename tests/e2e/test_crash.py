"""Killing the engine or the task host loses nothing and doubles nothing."""

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from command import PIPELINES, Command

pytestmark = [pytest.mark.crash, pytest.mark.timeout(900)]

LEDGER = str(PIPELINES / "ledger.py")
EXAMPLE = Path(__file__).parents[2] / "examples" / "employee_attrition"
STEPS = 21
"""Executions of a whole run of ledger.py: 6 outside the loop, 2 in each of 7 iterations, the join."""
ENGINE_KILLS = 50
HOST_KILLS = 20


class Ledger:
    """What the tasks themselves say they did."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def lines(self) -> list[list[str]]:
        return [line.split() for line in self.path.read_text().splitlines()] if self.path.exists() else []

    def count(self, what: str) -> Counter[str]:
        return Counter(name for kind, name, _ in self.lines() if kind == what)

    def assert_each_step_ran_exactly_once(self) -> None:
        began, ended = self.count("began"), self.count("ended")
        assert len(began) == STEPS, sorted(began)
        assert set(began.values()) == {1}, {name: n for name, n in began.items() if n > 1}
        assert began == ended


def arguments(ledger: Ledger, seconds: float) -> list[str]:
    return ["run", LEDGER, "--quiet", "--param", f"ledger={ledger.path}", "--param", f"seconds={seconds}"]


def finish(wherry: Command, ledger: Ledger, seconds: float) -> str:
    done = wherry(*arguments(ledger, seconds), timeout=180)
    assert done.returncode == 0, done.stdout
    return str(done.stdout)


def final_values(output: str) -> dict[str, str]:
    """State per task of the final table."""
    rows = re.findall(r"^  (\S+) +(succeeded|failed|skipped|reused|kept|canceled) ", output, re.MULTILINE)
    return dict(rows)


def test_the_engine_dies_at_50_random_moments(wherry: Command, tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    rng = random.Random(seed)
    kills = round_ = 0

    while kills < ENGINE_KILLS:
        round_ += 1
        ledger = Ledger(tmp_path / f"ledger-{round_}")
        while kills < ENGINE_KILLS:
            process = wherry.popen(*arguments(ledger, 0.4))
            try:
                process.communicate(timeout=rng.uniform(0.2, 1.6))
                break
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                kills += 1
        output = finish(wherry, ledger, 0.4)
        ledger.assert_each_step_ran_exactly_once()
        assert set(final_values(output).values()) <= {"succeeded", "reused"}, output

    assert integrity(wherry) == "sound"


def die_after_every_commit(wherry: Command, *arguments: str, timeout: float = 120) -> int:
    """Start the run again and again; every start lives for one commit. Returns how many it took."""
    for deaths in range(1, 200):
        done = wherry(*arguments, environ={"WHERRY_ENGINE_FAILPOINT": "after-commit:1"}, timeout=timeout)
        assert done.returncode == 137, done.stdout
        if newest_state(wherry) in {"SUCCEEDED", "FAILED"}:
            return deaths
    raise AssertionError("the run does not get on")


def newest_state(wherry: Command) -> str:
    return str(wherry("runs", "list").stdout.splitlines()[1].split()[1])


def test_the_engine_dies_after_every_commit(wherry: Command, tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")

    deaths = die_after_every_commit(wherry, *arguments(ledger, 0.05))

    assert deaths >= 8
    assert newest_state(wherry) == "SUCCEEDED"
    ledger.assert_each_step_ran_exactly_once()


def test_the_example_survives_a_death_after_each_of_its_commits(wherry: Command, tmp_path: Path) -> None:
    data = tmp_path / "employees.csv"
    subprocess.run([sys.executable, EXAMPLE / "generate.py", data, "--rows", "3000", "--dirty", "0.03"], check=True)

    deaths = die_after_every_commit(
        wherry,
        "run",
        str(EXAMPLE / "pipeline.py"),
        *("--quiet", "--param", f"source={data}", "--param", "max_invalid_fraction=0.1"),
        timeout=300,
    )

    assert deaths >= 10
    assert newest_state(wherry) == "SUCCEEDED"
    shown = wherry("runs", "show", wherry("runs", "list").stdout.splitlines()[1].split()[0]).stdout
    attempts = re.findall(r"^  \S+ +succeeded +\S+ \S+ +(\d+)", shown, re.MULTILINE)
    assert set(attempts) == {"1"}, "what was running was found again, not run again"
    assert "employee-attrition v1" in wherry("lineage", "employee-attrition@1").stdout
    assert wherry("lineage", "employee-attrition@2").returncode == 2
    # Once more, undisturbed: everything is reused, and what killed builders left behind is gone.
    again = wherry(
        "run", str(EXAMPLE / "pipeline.py"), "--param", f"source={data}", "--param", "max_invalid_fraction=0.1"
    )
    assert "first execution" not in again.stdout, again.stdout
    environments = wherry.state / "environments"
    assert [path.name for path in (environments / "builds").iterdir() if path.is_dir()] == []
    for python in environments.glob("e1-*/bin/python"):
        subprocess.run([python, "-c", "pass"], check=True)


def test_the_engine_dies_between_intent_and_launch(wherry: Command, tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    deaths = 0

    # Between deaths the run gets on by one commit, which leaves intents behind that nobody has launched.
    for _ in range(100):
        if wherry(*arguments(ledger, 0.05), environ={"WHERRY_ENGINE_FAILPOINT": "before-launch:1"}).returncode == 0:
            break
        deaths += 1
        wherry(*arguments(ledger, 0.05), environ={"WHERRY_ENGINE_FAILPOINT": "after-commit:1"})
        if newest_state(wherry) == "SUCCEEDED":
            break

    assert newest_state(wherry) == "SUCCEEDED"
    assert deaths >= 5
    ledger.assert_each_step_ran_exactly_once()


def test_the_task_host_dies_20_times(wherry: Command, tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    rng = random.Random(seed)
    kills = round_ = 0

    while kills < HOST_KILLS:
        round_ += 1
        ledger = Ledger(tmp_path / f"ledger-{round_}")
        # Each host death may cost every running task an attempt; budgets are not what is tested here.
        process = wherry.popen(
            *arguments(ledger, 0.3), environ={"WHERRY_ENGINE_INFRASTRUCTURE_RETRIES": str(HOST_KILLS + 1)}
        )
        while process.poll() is None and kills < HOST_KILLS:
            time.sleep(rng.uniform(0.2, 0.8))
            kills += kill_host(wherry)
        output, _ = process.communicate(timeout=180)
        assert process.returncode == 0, output
        assert set(ledger.count("ended")) == set(ledger.count("began"))
        assert len(ledger.count("ended")) == STEPS
        assert set(final_values(output).values()) <= {"succeeded", "reused"}, output

    assert integrity(wherry) == "sound"


def kill_host(wherry: Command) -> int:
    """Kill the task host of the state folder; 1 if there was one."""
    for pid, line in wherry.processes():
        if "launchers/process/host" in line or "launchers.process.host" in line:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                return 0
            return 1
    return 0


def integrity(wherry: Command) -> str:
    """What the doctor says of the database."""
    for line in wherry("doctor").stdout.splitlines():
        if line.split()[1:2] == ["database"]:
            return line.split()[2]
    return "not said"
