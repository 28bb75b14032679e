"""F, the floor: what one task costs if nothing is decided or recorded.

Fork, new session, folder, log file, result file, exit, wait: one stream, on the file system under test, written as
anyone would write it in Python. Prints one JSON object: milliseconds per task.
"""

import argparse
import json
import os
import pathlib
import tempfile
import time


def task(folder: str) -> None:
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.mkdir(folder)
        with open(f"{folder}/log", "a") as log:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
        with open(f"{folder}/result.json", "w") as file:
            json.dump({"parameterValues": {"Output": 1}}, file)
        os._exit(0)
    os.waitpid(pid, 0)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tasks", type=int, default=200)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    options = parser.parse_args()
    root = pathlib.Path(tempfile.mkdtemp(prefix="floor-", dir=options.folder))
    for index in range(10):
        task(f"{root}/warm{index}")
    began = time.perf_counter()
    for index in range(options.tasks):
        task(f"{root}/{index}")
    seconds = time.perf_counter() - began
    print(json.dumps({"ms": seconds * 1000 / options.tasks}))


if __name__ == "__main__":
    main()
