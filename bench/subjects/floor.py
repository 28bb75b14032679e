"""F, the floor: what one task costs if nothing is decided or recorded.

Fork, new session, folder, log file, result file, exit, wait: one stream, on the file system under test.
Prints one JSON object: milliseconds per task.
"""

import argparse
import json
import os
import pathlib
import shutil
import time


def task(folder: str) -> None:
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.mkdir(folder)
        log = os.open(f"{folder}/log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(log, 1)
        os.dup2(log, 2)
        result = os.open(f"{folder}/result.json", os.O_WRONLY | os.O_CREAT, 0o600)
        os.write(result, b'{"parameterValues":{"Output":1}}')
        os.close(result)
        os._exit(0)
    os.waitpid(pid, 0)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tasks", type=int, default=200)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    options = parser.parse_args()
    root = options.folder / "floor"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    for index in range(10):
        task(f"{root}/warm{index}")
    began = time.perf_counter()
    for index in range(options.tasks):
        task(f"{root}/{index}")
    seconds = time.perf_counter() - began
    shutil.rmtree(root)
    print(json.dumps({"ms": seconds * 1000 / options.tasks}))


if __name__ == "__main__":
    main()
