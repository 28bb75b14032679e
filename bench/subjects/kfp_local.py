"""kfp.local on the same workloads, in its fastest setting: no virtual environment and nothing to install per task.

Prints one JSON object: milliseconds per task.
"""

import argparse
import importlib.util
import json
import pathlib
import sys
import tempfile
import time

from kfp import local


def load_workloads(folder: pathlib.Path):
    """The shared source with its import swapped, and without kfp's own pip install in every task."""
    source = (pathlib.Path(__file__).parent / "workloads.py").read_text()
    source = source.replace("from wherry import dsl", "from kfp import dsl")
    source = source.replace('base_image="python:3.11"', 'base_image="python:3.11", install_kfp_package=False')
    file = folder / "workloads_kfp.py"
    file.write_text(source)
    spec = importlib.util.spec_from_file_location("workloads_kfp", file)
    module = importlib.util.module_from_spec(spec)
    sys.modules["workloads_kfp"] = module
    spec.loader.exec_module(module)
    return module


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("workload", choices=["w1", "w2"])
    parser.add_argument("--tasks", type=int, required=True)
    parser.add_argument("--at-once", type=int, default=1)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="kfp-", dir=options.folder))
    local.init(runner=local.SubprocessRunner(use_venv=False), pipeline_root=str(folder / "root"))
    workloads = load_workloads(folder)
    if options.workload == "w1":
        pipeline = workloads.chain_of(options.tasks)
    else:
        pipeline = workloads.fan_of(options.tasks, options.at_once)
    began = time.perf_counter()
    pipeline()
    seconds = time.perf_counter() - began
    count = options.tasks + (options.workload == "w2")
    print(json.dumps({"ms": seconds * 1000 / count}))


if __name__ == "__main__":
    main()
