"""Killing the engine or the task host loses nothing and doubles nothing."""

import os
import random
import re
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest
from command import PIPELINES, Command

pytestmark = [pytest.mark.crash, pytest.mark.timeout(900)]

LEDGER = str(PIPELINES / "ledger.py")
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


def test_the_engine_dies_after_every_commit(wherry: Command, tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    deaths = 0

    # Every start lives for one commit: so the run dies once after each commit that it consists of.
    for _ in range(300):
        done = wherry(*arguments(ledger, 0.05), environ={"WHERRY_ENGINE_FAILPOINT": "after-commit:1"})
        if done.returncode != 137:
            break
        deaths += 1

    assert done.returncode == 0, done.stdout
    assert deaths >= 10
    finish(wherry, ledger, 0.05)
    ledger.assert_each_step_ran_exactly_once()


def test_the_engine_dies_between_intent_and_launch(wherry: Command, tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    deaths = 0

    # The first launch of each start goes through, so the run gets on; the second one is where it dies.
    for _ in range(100):
        done = wherry(*arguments(ledger, 0.05), environ={"WHERRY_ENGINE_FAILPOINT": "before-launch:2"})
        if done.returncode != 137:
            break
        deaths += 1

    assert done.returncode == 0, done.stdout
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
