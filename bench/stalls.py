"""How long the server's loop, which is the engine's too, stands still while bad and large input is sent to it.

    python bench/stalls.py

A heart beats in the loop every 2 ms (`subjects/heartbeat.py`); shown is by how much the worst beat of every corpus was
late, and how much the loop's own thread computed in it: the rest of the time another thread held the interpreter. Time
in which the machine had no processor for it does not count. The corpora are those of tests/e2e/test_server_bad_input_*.py, and specifications just below and above the
size from which they are read in a process of their own.
"""

# ruff: noqa: E402  the tests are no package
from __future__ import annotations

import argparse
import copy
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests" / "e2e"))

import test_server_bad_input_archives as archives
import test_server_bad_input_http as http
import test_server_bad_input_specs as specs
import test_server_bad_input_values as values
from command import PIPELINES, Command
from served import Served

LIMIT = 0.050
"""Seconds; the promise."""
K = 1024


def just_below(size: int, make: Callable[[int], bytes]) -> bytes:
    """The largest of what ``make`` makes of a number that is not larger than ``size``."""
    low, high = 1, size
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if len(make(middle)) <= size else (low, middle - 1)
    return make(low)


def with_tasks(spec: dict[str, Any], number: int) -> dict[str, Any]:
    """The ledger pipeline with more tasks."""
    whole = copy.copy(spec)
    tasks = {
        f"more-{n}": {**spec["root"]["dag"]["tasks"]["step"], "taskInfo": {"name": f"more-{n}"}} for n in range(number)
    }
    whole["root"] = {**spec["root"], "dag": {**spec["root"]["dag"], "tasks": {**spec["root"]["dag"]["tasks"], **tasks}}}
    return whole


def as_yaml(spec: dict[str, Any]) -> bytes:
    """As a package file."""
    return bytes(yaml.dump(spec, Dumper=yaml.CSafeDumper, encoding="utf-8"))


def as_json(spec: dict[str, Any]) -> bytes:
    """As a message holds it."""
    return json.dumps(spec).encode()


def sized(ledger: dict[str, Any], size: int) -> dict[str, bytes]:
    """Specifications of nearly ``size`` bytes, good ones and bad ones."""
    nine = ",".join
    laughs = "".join(
        f"a{n}: &a{n} [{nine([f'*a{n - 1}'] * 9)}]\n" if n else f"a0: &a0 [{nine('x' * 9)}]\n" for n in range(6)
    )
    return {
        "YAML of tasks": just_below(size, lambda number: as_yaml(with_tasks(ledger, number // 500))),
        "JSON of tasks": just_below(size, lambda number: as_json(with_tasks(ledger, number // 300))),
        "short values": b"a: [" + b"1," * (size // 2 - 8) + b"1]",
        "short documents": b"---\n" * (size // 4),
        "short keys": just_below(
            size, lambda number: b"{" + b",".join(b"k%x: 1" % n for n in range(number // 8)) + b"}"
        ),
        "aliases": laughs.encode(),
        "one text": b"x" * size,
    }


def bodies(ledger: dict[str, Any], size: int) -> dict[str, bytes]:
    """Bodies of CreateRun of nearly ``size`` bytes."""
    head = b'{"display_name":"x",'
    return {
        "short values as parameters": head + b'"runtime_config":{"parameters":{"a":[' + b"1," * (size // 2 - 50) + b"1]}}}",
        "short keys": just_below(size, lambda number: b"{" + b",".join(b'"%x":1' % n for n in range(number // 9)) + b"}"),
        "a specification": head + b'"pipeline_spec":' + just_below(size - 99, lambda number: as_json(with_tasks(ledger, number // 300))) + b"}",
        "a specification of short values": head + b'"pipeline_spec":{"a":[' + b"1," * (size // 2 - 50) + b"1]}}",
    }  # fmt: skip


def corpora(server: Served, ledger: dict[str, Any], hello: bytes) -> Iterator[tuple[str, Callable[[], object]]]:
    """Name of a corpus, and what sends it."""
    upload = "/pipelines/upload?name=stall"

    def sending(contents: Iterator[bytes]) -> Callable[[], object]:
        return lambda: [server.upload(f"{upload}-{time.monotonic_ns()}", "p.yaml", content) for content in contents]

    yield "nothing for a second", lambda: time.sleep(1)
    yield "texts that are no YAML", sending(content for content, _ in specs.TEXTS.values())
    yield (
        "specifications that break a rule",
        sending(specs.changed(ledger, place, value) for place, value, _ in specs.RULES),
    )
    yield "archives", sending(pack(hello) for pack, _ in archives.ARCHIVES.values())
    yield (
        "values",
        lambda: [
            server.call(method, "/apis/v2beta1" + path, raw=body.encode("utf-8", "surrogatepass"))
            for method, path, body, _, _ in values.MESSAGES
        ],
    )
    yield "lists", lambda: [server.get(f"/runs?filter={http.quoted(text)}") for text, _ in http.FILTERS]
    for size in (8 * K, 64 * K, 256 * K, 257 * K, 4096 * K):
        for name, content in sized(ledger, size).items():
            yield f"{size // K:,} KiB: {name}", sending(iter([content]))
    for size in (256 * K, 511 * K, 513 * K, 31 * K * K):
        for name, body in bodies(ledger, size).items():
            yield f"{size // K:,} KiB body: {name}", lambda body=body: server.post("/runs", raw=body)  # type: ignore[misc]


def main() -> None:
    """Measure, print a table, and exit with 1 if a promise is broken."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", default="", help="corpora whose name holds this text")
    only = options.parse_args().only
    folder = Path(tempfile.mkdtemp(prefix="wherry-stalls-"))
    ledger, hello = compiled(folder, "ledger.py"), compiled(folder, "hello.py")
    command = Command(folder / "state")
    process = subprocess.Popen(
        [sys.executable, HERE / "subjects" / "heartbeat.py", folder / "beats.json", "up", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "WHERRY_STATE": str(command.state)},
    )
    assert process.stdout is not None  # noqa: S101  it was asked for
    server = Served(command, process, process.stdout.readline().split()[2])
    times: list[tuple[str, float, float]] = []
    for name, send in corpora(server, yaml.load(ledger, Loader=yaml.CSafeLoader), hello):
        if only in name:
            began = time.monotonic()
            send()
            times.append((name, began, time.monotonic()))
    server.stop()
    sys.exit(show(times, json.loads((folder / "beats.json").read_text())))


def compiled(folder: Path, source: str) -> bytes:
    """A pipeline of the tests as a package file."""
    path = folder / f"{source}.yaml"
    done = Command(folder / "unused")("compile", str(PIPELINES / source), "-o", str(path))
    assert done.returncode == 0, done.stdout  # noqa: S101  nothing to measure otherwise
    return path.read_bytes()


def show(times: list[tuple[str, float, float]], beats: list[tuple[float, float, float]]) -> int:
    """Print the table; 1 if a beat was late by more than the limit."""
    print("| corpus | sent in s | late by ms | of which computed ms |\n|---|---|---|---|")
    broken = 0
    for name, began, ended in times:
        late = [(lag, computed) for moment, lag, computed in beats if began <= moment <= ended] or [(0.0, 0.0)]
        worst, computed = max(late)
        broken += worst > LIMIT
        mark = " **" if worst > LIMIT else ""
        print(f"| {name} | {ended - began:.2f} | {1000 * worst:.0f}{mark} | {1000 * computed:.0f} |")
    print(f"\n{broken} of {len(times)} corpora held the loop up for more than {1000 * LIMIT:.0f} ms")
    return int(broken > 0)


if __name__ == "__main__":
    main()
