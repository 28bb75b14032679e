"""Whatever was acknowledged is there after kill -9."""

from __future__ import annotations

import asyncio
import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from wherry.model.runs import Run, RunChanges, RunUpdate
from wherry.model.states import AttemptState, RuntimeState
from wherry.store import SqliteRunStore, StoreMode, open_store
from wherry.testing.records import event, execution, new_run

KILLS = 20


@pytest.mark.crash
def test_every_acknowledged_turn_survives_being_killed(tmp_path: Path) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    state = tmp_path / "state"
    acknowledged: list[str] = []
    for life in range(KILLS):
        acknowledged += live_and_die(state, life, turns=chance.randrange(1, 60), delay=chance.random() * 0.01)

    found = asyncio.run(ended_tasks(state))
    integrity = sqlite3.connect(state / "wherry.db").execute("PRAGMA integrity_check").fetchone()

    assert len(acknowledged) > KILLS
    assert set(acknowledged) - found.keys() == set()
    # An end and its artifact are one turn: there is no half of it.
    assert all(found.values())
    assert integrity == ("ok",)


def live_and_die(state: Path, life: int, *, turns: int, delay: float) -> list[str]:
    """Let a process commit; kill it a moment after the n-th acknowledgement; return all it acknowledged."""
    command = [sys.executable, __file__, str(state), str(life)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        lines = [child.stdout.readline() for _ in range(turns)]
        try:
            child.wait(timeout=delay)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
        # The last line may be cut; what was printed whole had been committed.
        lines += child.stdout.read().splitlines(keepends=True)
        assert child.wait() == -signal.SIGKILL
    return [line.strip() for line in lines if line.endswith("\n")]


async def ended_tasks(state: Path) -> dict[str, bool]:
    """Every task that ended, and whether its attempt and its artifact are there too."""
    store = open_store(state, mode=StoreMode.READ_WRITE)
    found = {}
    for run in await store.list_runs(limit=1000):
        over = {each.task for each in await store.attempts(run.id) if each.state is AttemptState.SUCCEEDED}
        for task in await store.tasks(run.id):
            if task.state is RuntimeState.SUCCEEDED:
                made = await store.artifacts(task.outputs.artifacts["out0"].artifact_ids)
                found[f"{run.id} {task.name}"] = task.key in over and len(made) == 1
    await store.close()
    return found


async def work(store: SqliteRunStore, life: int) -> None:
    """Run tasks for ever, saying of each when its end is committed. Every tenth turn is a durable one."""
    run = await store.create_run(new_run(f"run-{life:04}", at=life))
    owner = await store.open_owner("child")
    await store.claim_runs(owner, limit=1000)
    await store.commit([turn_of(run, owner.token, run=RunUpdate(state=RuntimeState.RUNNING))])
    for number in range(10_000):
        name = f"t{number}"
        start, finish = execution(run, name, owner.token, writes=(f"{run.id}-{name}",))
        await store.commit([start])
        turns = [finish, turn_of(run, owner.token, events=(event(run, number + 2),))]
        if number % 10 == 0:
            turns.append(turn_of(run, owner.token, run=RunUpdate(state=RuntimeState.CANCELING)))
        await store.commit(turns)
        print(run.id, name, flush=True)


def turn_of(of: Run, token: int, **changes) -> RunChanges:
    return RunChanges(run_id=of.id, generation=of.generation, token=token, **changes)


if __name__ == "__main__":
    opened = open_store(Path(sys.argv[1]), mode=StoreMode.READ_WRITE)
    asyncio.run(work(opened, int(sys.argv[2])))
