"""How long a chain of tasks takes to trace, compile and write as YAML, here and with kfp.

    python bench/compile.py [--sizes 1 100 1000 10000] [--kfp-sizes 1 100] [--repeat 3]

Each size is run ``--repeat`` times in a fresh process; the table has the best wall time of each part, in seconds.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path


def measure(package: str, size: int) -> dict[str, float]:
    """Compile a chain of ``size`` tasks once; wall seconds by part, and the bytes written."""
    warnings.simplefilter("ignore")
    started = time.perf_counter()
    if package == "kfp":
        from kfp import compiler, dsl
    else:
        from wherry import compiler, dsl
    imported = time.perf_counter()

    @dsl.component(base_image="python:3.11")
    def add(a: int, b: int = 1) -> int:
        return a + b

    def chain(start: int = 0):  # noqa: ANN202  kfp reads the annotation
        task = add(a=start)
        for _ in range(size - 1):
            task = add(a=task.output)

    before = time.perf_counter()
    pipeline = dsl.pipeline(chain)
    traced = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chain.yaml"
        compiler.Compiler().compile(pipeline, str(path))
        written = time.perf_counter()
        size_in_bytes = path.stat().st_size
    return {
        "import": imported - started,
        "trace": traced - before,
        "compile and write": written - traced,
        "total": written - before,
        "bytes": size_in_bytes,
    }


def best(package: str, size: int, repeat: int) -> dict[str, float]:
    """The best of several fresh processes, part by part."""
    runs = []
    for _ in range(repeat):
        command = [sys.executable, __file__, "--one", package, str(size)]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        runs.append(json.loads(output))
    return {part: min(run[part] for run in runs) for part in runs[0]}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 100, 1000, 10000])
    parser.add_argument("--kfp-sizes", type=int, nargs="*", default=[1, 100])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--one", nargs=2, metavar=("PACKAGE", "SIZE"))
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measure(arguments.one[0], int(arguments.one[1]))))
        return
    columns = ["import", "trace", "compile and write", "total"]
    print(f"{'':8}{'tasks':>8}" + "".join(f"{column:>20}" for column in columns) + f"{'bytes':>14}")
    for package, sizes in (("wherry", arguments.sizes), ("kfp", arguments.kfp_sizes)):
        for size in sizes:
            result = best(package, size, arguments.repeat)
            row = "".join(f"{result[column]:>20.3f}" for column in columns)
            print(f"{package:8}{size:>8}{row}{result['bytes']:>14,.0f}")


if __name__ == "__main__":
    main()
