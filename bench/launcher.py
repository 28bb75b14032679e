"""The process launcher alone, beside the floor F, interleaved: launch to AttemptSucceeded of no-op components.

usage: python bench/launcher.py [--rounds 8] [--tasks 100] [--folder DIR]

F is what `subjects/floor.py` measures. ``chain`` launches each task at the
success of the one before; ``parallel N`` keeps N in flight. Median of the rounds, milliseconds per task.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from wherry.launchers.process.launcher import ProcessLauncher
from wherry.model.identity import AttemptId, Micros, RunId, TaskKey
from wherry.ports import AttemptFailed, AttemptSucceeded, LaunchRequest
from wherry.settings import ProcessLauncherSettings
from wherry.testing.lightweight import lightweight_command

SOURCE = "def add_one(number: int) -> int:\n    return number + 1\n"
FLOOR = Path(__file__).parent / "subjects" / "floor.py"
COMMAND = lightweight_command(SOURCE, "add_one")


class SystemClock:
    """`wherry.ports.Clock`."""

    def now(self) -> Micros:
        """The real time."""
        return Micros(time.time_ns() // 1000)


#: Nothing is deleted between measurements: ext4 looks for free inodes among those deleted in the last seconds one by
#: one, which makes each new file cost milliseconds, for the floor and for us.
FLOOR_STREAM = """
import runpy, sys, time
task = runpy.run_path(sys.argv[1])["task"]
folder, tasks = sys.argv[2], int(sys.argv[3])
for number in range(10):
    task(f"{folder}/warm{number}")
start = time.perf_counter()
for number in range(tasks):
    task(f"{folder}/{number}")
print((time.perf_counter() - start) / tasks * 1000)
"""


def floor(folder: Path, tasks: int) -> float:
    """Milliseconds per task of the least that a process per task needs, from a process of its own."""
    base = tempfile.mkdtemp(dir=folder)
    arguments = [sys.executable, "-I", "-c", FLOOR_STREAM, str(FLOOR), base, str(tasks)]
    return float(subprocess.run(arguments, check=True, capture_output=True).stdout)


class Stream:
    """Launches no-op tasks."""

    def __init__(self, launcher: ProcessLauncher, folder: Path) -> None:
        self._launcher = launcher
        self._folder = folder
        self._events = launcher.events()
        self._count = 0

    def _request(self) -> LaunchRequest:
        self._count += 1
        out = f"{self._folder}/outputs/{self._count}"
        told = {
            "inputs": {"parameterValues": {"number": self._count}},
            "outputs": {
                "parameters": {"Output": {"outputFile": f"{out}/Output"}},
                "outputFile": f"{out}/executor_output.json",
            },
        }
        return LaunchRequest(
            attempt_id=AttemptId(f"{self._count:032x}"),
            run_id=RunId("bench"),
            task=TaskKey(f"root/t{self._count}"),
            component="add-one",
            image="python:3.11",
            command=COMMAND,
            resolved_command=COMMAND,
            executor_input=json.dumps(told).encode(),
            output_types={"Output": "NUMBER_INTEGER"},
        )

    async def run(self, tasks: int, parallel: int) -> float:
        """Milliseconds per task."""
        start = time.perf_counter()
        launched = ended = 0
        while ended < tasks:
            while launched < tasks and launched - ended < parallel:
                await self._launcher.launch(self._request())
                launched += 1
            event = await anext(self._events)
            if isinstance(event, AttemptFailed):
                sys.exit(event.failure.message)
            if isinstance(event, AttemptSucceeded):
                ended += 1
                await self._launcher.acknowledge(event.attempt_id)
        return (time.perf_counter() - start) / tasks * 1000


async def measure(folder: Path, rounds: int, tasks: int) -> None:
    """Print the table."""
    state = Path(tempfile.mkdtemp(dir=folder))
    launcher = ProcessLauncher(state, ProcessLauncherSettings(environment="current"), SystemClock(), idle_seconds=1.0)
    await launcher.start(token=1)
    stream = Stream(launcher, state)
    await stream.run(10, 1)
    floors: list[float] = []
    results: dict[int, list[float]] = {1: [], 2: [], 8: []}
    for _ in range(rounds):
        for parallel, found in results.items():
            floors.append(await asyncio.to_thread(floor, folder, tasks))
            found.append(await stream.run(tasks, parallel))
    await launcher.close()
    f = statistics.median(floors)
    print(f"{'F':12} {f:6.2f} ms  (min {min(floors):.2f}, max {max(floors):.2f})")
    for position, (parallel, found) in enumerate(results.items()):
        beside = floors[position :: len(results)]
        ratio = statistics.median(ours / least for ours, least in zip(found, beside, strict=True))
        name = "chain" if parallel == 1 else f"parallel {parallel}"
        print(
            f"{name:12} {statistics.median(found):6.2f} ms  {ratio:5.2f} F  (min {min(found):.2f}, max {max(found):.2f})"
        )


def main() -> None:
    """Read the arguments, measure, clean up."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--tasks", type=int, default=100)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="wherry-bench-", dir=arguments.folder))
    try:
        asyncio.run(measure(folder, arguments.rounds, arguments.tasks))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
