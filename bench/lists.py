"""How long a page of 100,000 runs takes: every sort key, both ways, some filters and scopes, first and later pages.

Run it with `python bench/lists.py [STATE]`; the state folder is filled if it is not there. Reads go to the store as the
server's do, one at a time.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from wherry.model import listing
from wherry.model.identity import ExperimentId, Micros
from wherry.model.listing import Direction, ListQuery, Operation, Predicate
from wherry.model.states import RuntimeState, StorageState
from wherry.ports import NewRun
from wherry.store import SqliteRunStore, StoreMode, open_store
from wherry.testing.records import experiment, new_run

RUNS = 100_000
EXPERIMENTS = 50
STATES = [RuntimeState.SUCCEEDED, RuntimeState.FAILED, RuntimeState.RUNNING]

FILTERS: dict[str, tuple[Predicate, ...]] = {
    "none": (),
    "failed": (Predicate(key="state", operation=Operation.EQUALS, value="FAILED"),),
    "running": (Predicate(key="state", operation=Operation.EQUALS, value="RUNNING"),),
    "not archived": (Predicate(key="storage_state", operation=Operation.NOT_EQUALS, value="ARCHIVED"),),
    "by name": (Predicate(key="display_name", operation=Operation.EQUALS, value="churn 77777"),),
    "found": (Predicate(key="display_name", operation=Operation.IS_SUBSTRING, value="churn"),),
    "not found": (Predicate(key="description", operation=Operation.IS_SUBSTRING, value="nowhere"),),
}
SCOPES: dict[str, dict[str, Any]] = {
    "all": {},
    "namespace": {"namespace": ""},
    "large experiment": {"experiment_id": ExperimentId("experiment-0")},
    "small experiment": {"experiment_id": ExperimentId("experiment-30")},
}


def runs(*, under_way: int = 1) -> Iterator[NewRun]:
    """One in ten failed, some thousandths are under way, a third is archived, experiments are of unlike size."""
    chance = random.Random(1)
    for number in range(RUNS):
        run = new_run(f"{chance.getrandbits(128):032x}", at=number * 1000, namespace="").run
        (state,) = chance.choices(STATES, [900, 100 - under_way, under_way])
        is_archived = number < RUNS * 0.6 and chance.random() < 0.5
        finished = None if state is RuntimeState.RUNNING else Micros(run.created_at + chance.randrange(10**9))
        run = msgspec.structs.replace(
            run,
            experiment_id=ExperimentId(f"experiment-{min(EXPERIMENTS - 1, int(chance.expovariate(0.2)))}"),
            display_name=f"{chance.choice(['attrition', 'churn', 'fraud'])} {number}",
            description="nightly run of the model" if number % 3 else "",
            state=state,
            finished_at=finished,
            storage_state=StorageState.ARCHIVED if is_archived else StorageState.AVAILABLE,
        )
        yield NewRun(run=run, spec=b"spec")


async def fill(store: SqliteRunStore, *, under_way: int = 1) -> None:
    """Write the runs, a thousand at a time. ``under_way``: thousandths of them; a server would go on with those."""
    for number in range(EXPERIMENTS):
        await store.create_experiment(experiment(str(number), namespace=""))
    waiting = list(runs(under_way=under_way))
    began = time.perf_counter()
    for start in range(0, RUNS, 1000):
        await asyncio.gather(*(store.create_run(new) for new in waiting[start : start + 1000]))
    print(f"created: {(time.perf_counter() - began) / RUNS * 1e6:.0f} us per run")


async def measure(store: SqliteRunStore) -> list[tuple[float, float, str]]:
    """Milliseconds that went by, those of CPU, and the name of every list, a first page and a later one."""
    measured = []
    for key in listing.RUNS.fields:
        for direction in Direction:
            for filtered, filters in FILTERS.items():
                for scoped, scope in SCOPES.items():
                    query = ListQuery(filters=filters, sort_by=key, direction=direction)
                    for which in ("first", "next"):
                        began, busy = time.perf_counter(), time.process_time()
                        page = await store.find_runs(query, **scope)
                        taken, used = (time.perf_counter() - began) * 1e3, (time.process_time() - busy) * 1e3
                        measured.append((taken, used, f"{which} page by {key} {direction.value}, {filtered}, {scoped}"))
                        query = msgspec.structs.replace(query, after=page.next)
    return sorted(measured)


async def main(folder: Path) -> None:
    """Fill if need be, measure, tell."""
    is_new = not (folder / "wherry.db").exists()
    store = open_store(folder, mode=StoreMode.READ_WRITE, command="bench/lists.py")
    try:
        if is_new:
            await fill(store)
        await measure(store)
        measured = await measure(store)
    finally:
        await store.close()
    for label, values in (("wall", [each[0] for each in measured]), ("CPU", sorted(each[1] for each in measured))):
        told = [f"p{share * 100:.0f} {values[int(len(values) * share)]:.1f} ms" for share in (0.5, 0.9, 0.99)]
        print(f"{label}: {', '.join(told)}, most {values[-1]:.1f} ms")
    for taken, used, name in measured[-5:]:
        print(f"slowest: {taken:.1f} ms ({used:.1f} of CPU)  {name}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(temporary)))
