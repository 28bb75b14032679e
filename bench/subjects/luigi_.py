"""Luigi on the same workloads: local scheduler, every task in a forked process. Keeps no history.

Prints one JSON object: milliseconds per task.
"""

import argparse
import json
import logging
import pathlib
import tempfile
import time

import luigi

FOLDER = pathlib.Path()


class Link(luigi.Task):
    index = luigi.IntParameter()

    def requires(self):
        return [Link(index=self.index - 1)] if self.index else []

    def output(self):
        return luigi.LocalTarget(str(FOLDER / f"chain-{self.index}"))

    def run(self):
        value = 0
        for target in self.input():
            with target.open() as file:
                value = json.load(file)
        with self.output().open("w") as file:
            json.dump(value + 1, file)


class Leaf(luigi.Task):
    index = luigi.IntParameter()

    def output(self):
        return luigi.LocalTarget(str(FOLDER / f"leaf-{self.index}"))

    def run(self):
        with self.output().open("w") as file:
            json.dump(self.index + 1, file)


class Total(luigi.Task):
    tasks = luigi.IntParameter()

    def requires(self):
        return [Leaf(index=index) for index in range(self.tasks)]

    def output(self):
        return luigi.LocalTarget(str(FOLDER / "total"))

    def run(self):
        total = 0
        for target in self.input():
            with target.open() as file:
                total += json.load(file)
        with self.output().open("w") as file:
            json.dump(total, file)


def main() -> None:
    global FOLDER  # noqa: PLW0603  Luigi builds its tasks itself
    parser = argparse.ArgumentParser()
    parser.add_argument("workload", choices=["w1", "w2"])
    parser.add_argument("--tasks", type=int, required=True)
    parser.add_argument("--at-once", type=int, default=1)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    options = parser.parse_args()
    FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="luigi-", dir=options.folder))
    logging.getLogger("luigi").setLevel(logging.ERROR)
    logging.getLogger("luigi-interface").setLevel(logging.ERROR)
    luigi.configuration.get_config().set("worker", "force_multiprocessing", "true")
    root = Link(index=options.tasks - 1) if options.workload == "w1" else Total(tasks=options.tasks)
    began = time.perf_counter()
    succeeded = luigi.build([root], local_scheduler=True, workers=options.at_once, log_level="ERROR", no_lock=True)
    seconds = time.perf_counter() - began
    if not succeeded:
        raise SystemExit("Luigi failed")
    count = options.tasks + (options.workload == "w2")
    print(json.dumps({"ms": seconds * 1000 / count}))


if __name__ == "__main__":
    main()
