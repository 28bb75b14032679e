"""Wherry on the workloads: the embedded engine with every guarantee on.

Own process and session per task, captured log, durable history. Prints one JSON object: milliseconds per task.
"""

import argparse
import asyncio
import dataclasses
import json
import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import workloads

from wherry.compiler import compile_package
from wherry.ir.types import check_arguments
from wherry.local import embedded
from wherry.model.runs import CachePolicy
from wherry.model.states import RuntimeState
from wherry.settings import settings_from


async def run_once(session, pipeline, arguments=None, *, cache=CachePolicy.RERUN):
    package = compile_package(pipeline)
    began = time.perf_counter()
    run = await session.submit(package, check_arguments(package.spec, arguments or {}), cache=cache)
    ended = await session.wait(run.id)
    seconds = time.perf_counter() - began
    if ended.state is not RuntimeState.SUCCEEDED:
        raise SystemExit(f"the run ended {ended.state.value}: {ended.error}")
    return seconds, ended


async def measure(options) -> dict[str, float]:
    settings = settings_from({}, state=pathlib.Path(tempfile.mkdtemp(prefix="wherry-", dir=options.folder)))
    settings = dataclasses.replace(
        settings, engine=dataclasses.replace(settings.engine, max_parallel_tasks=max(4, options.at_once))
    )
    async with embedded(settings) as session:
        # One task first: the environment is made and its interpreter warm, as on any but the very first run.
        await run_once(session, workloads.chain_of(1))
        match options.workload:
            case "w1":
                seconds, _ = await run_once(session, workloads.chain_of(options.tasks))
                return {"ms": seconds * 1000 / options.tasks}
            case "w2":
                seconds, _ = await run_once(session, workloads.fan_of(options.tasks, options.at_once))
                return {"ms": seconds * 1000 / (options.tasks + 1)}
            case "w3-chain":
                pipeline, count = workloads.chain_of(options.tasks), options.tasks
            case "w3-fan":
                pipeline, count = workloads.fan_of(options.tasks, options.at_once), options.tasks + 1
            case _:
                seconds, ended = await run_once(session, workloads.w4, {"megabytes": 200})
                tasks = await session.reader.runs.tasks(ended.id)
                wrote = next(t.outputs.parameters["Output"] for t in tasks if t.name == "produce")
                return {"ms": seconds * 1000, "write_ms": wrote * 1000}
        await run_once(session, pipeline, cache=CachePolicy.AS_COMPILED)
        seconds, _ = await run_once(session, pipeline, cache=CachePolicy.AS_COMPILED)
        return {"ms": seconds * 1000 / count}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("workload", choices=["w1", "w2", "w3-chain", "w3-fan", "w4"])
    parser.add_argument("--tasks", type=int, default=200)
    parser.add_argument("--at-once", type=int, default=1)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    options = parser.parse_args()
    result = asyncio.run(measure(options))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
