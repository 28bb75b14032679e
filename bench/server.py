"""What `wherry up` costs and how fast it answers, over HTTP as any client sees it. Print the rows of bench/README.md.

    python bench/server.py
    python bench/server.py --only w5 w7 submissions lists

- w5: from the start of the command to the first healthy answer, on a fresh state folder and on one that is there; PSS
  of all its processes, and the share of a processor that it uses while nobody calls;
- w7: from sending CreateRun of a one-task pipeline to the first line of user code, beside one fsync;
- submissions: 1,000 runs over 64 connections, each of them with a new specification;
- lists: pages of 100,000 runs, sorted and filtered in turn.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml
from lists import fill

from wherry.store import StoreMode, open_store

HERE = Path(__file__).parent
COMMAND = str(Path(sys.executable).parent / "wherry")
API = "/apis/v2beta1"
REPETITIONS = 15
SUBMISSIONS, CONNECTIONS = 1000, 64
FILTERS = {
    "all": "",
    "failed": '{"predicates":[{"key":"state","operation":"EQUALS","string_value":"FAILED"}]}',
    "not archived": '{"predicates":[{"key":"storage_state","operation":"NOT_EQUALS","string_value":"ARCHIVED"}]}',
    "found": '{"predicates":[{"key":"display_name","operation":"IS_SUBSTRING","string_value":"churn"}]}',
    "not found": '{"predicates":[{"key":"description","operation":"IS_SUBSTRING","string_value":"nowhere"}]}',
}
SORTS = ("", "created_at desc", "finished_at desc", "display_name asc", "state desc")

PIPELINE = """
from wherry import dsl

@dsl.component(base_image="python:3.11")
def first_line(to: str):
    import time
    now = time.monotonic_ns()
    with open(to, "w") as file:
        file.write(str(now))

@dsl.pipeline(name="one")
def one(to: str):
    first_line(to=to).set_caching_options(False)
"""


class Caller:
    """One connection that is kept."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=120)

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and body of the answer."""
        self._connection.request(method, API + path, None if body is None else json.dumps(body))
        answer = self._connection.getresponse()
        return answer.status, json.loads(answer.read() or b"{}")


class Server:
    """``wherry up`` on a free port of a state folder."""

    def __init__(self, state: Path) -> None:
        began = time.perf_counter()
        self._process = subprocess.Popen(
            [COMMAND, "up", "--port", "0", "--state", str(state)], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None  # noqa: S101  it was asked for
        self.url = self._process.stdout.readline().split()[2]
        status, _ = Caller(self.url)("GET", "/healthz")
        self.healthy_after = time.perf_counter() - began
        if status != 200:
            raise SystemExit(f"the server answers {status}")
        self._state = state

    def processes(self) -> list[int]:
        """Its own and those of the state folder."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                line = (entry / "cmdline").read_bytes().decode(errors="replace")
                if str(self._state) in line and int(entry.name) != os.getpid():
                    found.append(int(entry.name))
        return found

    def pss(self) -> float:
        """Megabytes of all its processes, what they share counted once."""
        total = 0
        for pid in self.processes():
            with contextlib.suppress(OSError):
                rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
                total += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
        return total / 1000

    def busy(self, seconds: float) -> float:
        """Share of a processor that its processes use while nobody calls."""
        before = self._computed()
        threading.Event().wait(seconds)
        return (self._computed() - before) / seconds

    def _computed(self) -> float:
        ticks = 0
        for pid in self.processes():
            with contextlib.suppress(OSError):
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        """SIGTERM, and the task host with it."""
        self._process.terminate()
        self._process.communicate(timeout=60)
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, 15)


@contextlib.contextmanager
def serving(state: Path) -> Iterator[Server]:
    """A server for the length of a block."""
    server = Server(state)
    try:
        yield server
    finally:
        server.stop()


def w5(folder: Path) -> Iterator[str]:
    """Start and memory."""
    fresh, again = [], []
    for number in range(5):
        for times in (fresh, again):
            with serving(folder / f"w5-{number}") as server:
                times.append(server.healthy_after)
    with serving(folder / "w5-memory") as server:
        pss, busy = server.pss(), server.busy(20)
    yield f"W5 start to healthy | {statistics.median(fresh):.2f} s fresh, {statistics.median(again):.2f} s again | <= 1 s"
    yield f"W5 memory fresh, all processes | {pss:.0f} MB PSS | <= 100 MB"
    yield f"W5 processor while idle | {100 * busy:.1f} % | "


def w7(folder: Path) -> Iterator[str]:
    """From the request to the first line of user code."""
    spec = compiled(folder)
    with serving(folder / "w7") as server:
        call = Caller(server.url)
        _, made = call(
            "POST", "/pipelines/create", {"pipeline": {"name": "one"}, "pipeline_version": {"pipeline_spec": spec}}
        )
        times, acknowledged, syncs = [], [], []
        for number in range(REPETITIONS + 3):
            mark = folder / f"mark-{number}"
            body = {
                "display_name": "one",
                "pipeline_version_reference": {"pipeline_id": made["pipeline_id"]},
                "runtime_config": {"parameters": {"to": str(mark)}},
            }
            began = time.monotonic_ns()
            status, run = call("POST", "/runs", body)
            acknowledged.append((time.monotonic_ns() - began) / 1e6)
            if status != 200:
                raise SystemExit(f"CreateRun answered {status}: {run}")
            while not mark.exists() or not mark.read_text():
                time.sleep(0.001)
            times.append((int(mark.read_text()) - began) / 1e6)
            while call("GET", f"/runs/{run['run_id']}")[1]["state"] not in {"SUCCEEDED", "FAILED"}:
                time.sleep(0.005)
            syncs.append(fsync(folder / "sync"))
    warm = slice(3, None)  # the environment is made and its children are parked
    middle = [statistics.median(values[warm]) for values in (times, acknowledged, syncs)]
    yield f"W7 submit to first line of user code | {middle[0]:.1f} ms (acknowledged after {middle[1]:.1f}, one fsync {middle[2]:.1f}) | <= 8 ms + one fsync"


def fsync(path: Path) -> float:
    """Milliseconds of writing a page and waiting for the disk."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        os.write(file, b"x" * 4096)
        began = time.perf_counter()
        os.fsync(file)
        return (time.perf_counter() - began) * 1e3
    finally:
        os.close(file)


def submissions(folder: Path) -> Iterator[str]:
    """Many at once."""
    spec = compiled(folder)
    with serving(folder / "submissions") as server:
        numbers = iter(range(SUBMISSIONS))
        lock = threading.Lock()

        def submit() -> list[tuple[int, float]]:
            call, answers = Caller(server.url), []
            while True:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    return answers
                body = {
                    "display_name": str(number),
                    # Every specification is another one: none is stored already.
                    "pipeline_spec": {**spec, "pipelineInfo": {"name": f"one-{number}"}},
                    "runtime_config": {"parameters": {"to": str(folder / "mark")}},
                }
                began = time.perf_counter()
                status, _ = call("POST", "/runs", body)
                answers.append((status, (time.perf_counter() - began) * 1e3))

        began = time.perf_counter()
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            answers = [one for many in [pool.submit(submit) for _ in range(CONNECTIONS)] for one in many.result()]
        seconds = time.perf_counter() - began
        _, listed = Caller(server.url)("GET", "/runs?page_size=1")
    failed = sum(status >= 500 for status, _ in answers)
    refused = sum(status != 200 for status, _ in answers)
    told = percentiles([milliseconds for _, milliseconds in answers])
    yield (
        f"{SUBMISSIONS:,} submissions over {CONNECTIONS} connections | {failed} x 5xx, {refused} refused, "
        f"{listed['total_size']:,} recorded, {SUBMISSIONS / seconds:.0f} per second; {told} | 0 x 5xx"
    )


def lists(folder: Path) -> Iterator[str]:
    """Pages of a hundred thousand runs."""
    state = folder / "lists"
    state.mkdir()
    asyncio.run(filled(state))
    times: dict[str, list[float]] = {}
    with serving(state) as server:
        call = Caller(server.url)
        for round_ in range(3):
            for name, filter_ in FILTERS.items():
                for sort in SORTS:
                    token = ""
                    for _ in range(3):
                        query = {"sort_by": sort, "filter": filter_, "page_size": "20", "page_token": token}
                        path = "/runs?" + urllib.parse.urlencode({k: v for k, v in query.items() if v})
                        began = time.perf_counter()
                        status, page = call("GET", path)
                        if round_:
                            times.setdefault(name, []).append((time.perf_counter() - began) * 1e3)
                        if status != 200:
                            raise SystemExit(f"{path} answered {status}: {page}")
                        token = page.get("next_page_token", "")
                        if not token:
                            break
    everything = [one for many in times.values() for one in many]
    yield f"Pages of 100,000 runs | {percentiles(everything)} | p99 <= 50 ms"
    for name, many in times.items():
        yield f"- {name} | {percentiles(many)} | "


async def filled(state: Path) -> None:
    """Make a state folder with many runs."""
    store = open_store(state, mode=StoreMode.READ_WRITE, command="bench/server.py")
    try:
        await fill(store, under_way=0)
    finally:
        await store.close()


def percentiles(values: list[float]) -> str:
    """``p50 1, p99 2, most 3 ms``."""
    ordered = sorted(values)
    shares = ", ".join(f"p{share} {ordered[len(ordered) * share // 100]:.1f}" for share in (50, 99))
    return f"{shares}, most {ordered[-1]:.1f} ms"


def compiled(folder: Path) -> dict[str, Any]:
    """The pipeline of one task as the API takes it."""
    source, target = folder / "one.py", folder / "one.json"
    source.write_text(PIPELINE)
    subprocess.run([COMMAND, "compile", source, "-o", target], check=True, stdout=subprocess.DEVNULL)
    return dict(yaml.load(target.read_bytes(), Loader=yaml.CSafeLoader))


MEASUREMENTS: dict[str, Callable[[Path], Iterator[str]]] = {
    "w5": w5,
    "w7": w7,
    "submissions": submissions,
    "lists": lists,
}


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", choices=MEASUREMENTS, default=list(MEASUREMENTS))
    parser.add_argument("--folder", type=Path, help="where state folders are made; default: a temporary one")
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="wherry-bench-"))
    print("| what | result | goal |\n|---|---|---|")
    for name in options.only:
        for row in MEASUREMENTS[name](folder):
            print(f"| {row} |", flush=True)


if __name__ == "__main__":
    main()
