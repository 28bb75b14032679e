"""Killing the server, again and again, loses nothing that it has acknowledged and doubles nothing."""

import http.client
import random
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from command import PIPELINES, Command
from served import Answer, Followed, Served, end_processes, start
from test_crash import Ledger, integrity

pytestmark = [pytest.mark.crash, pytest.mark.timeout(900)]

KILLS = 50
LEDGERS = 8
"""Runs of ledger.py, 21 executions each, while the server is killed."""
CREATES, UPLOADS = 12, 3
"""Calls of each kind per life of a server, at most: more would only warm the room."""
LOST = (OSError, http.client.HTTPException)
"""What a client sees of a server that was killed."""


class Address:
    """Where the server answers now: told by who starts it, waited for by its clients."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._server: Served | None = None
        self._life = 0

    def announce(self, server: Served) -> None:
        with self._changed:
            self._server = server
            self._life += 1
            self._changed.notify_all()

    def after(self, life: int) -> tuple[Served, int]:
        """The first server after a life, with the number of its own."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._life > life, timeout=120)
            assert self._server is not None
            return self._server, self._life

    def ask(self, path: str, body: dict[str, Any], *, key: str) -> Answer:
        """What a POST answers, sent again to the next server for as long as servers die of it."""
        life = 0
        while True:
            server, life = self.after(life)
            try:
                return server.post(path, body, headers={"Idempotency-Key": key})
            except LOST:
                continue


@dataclass
class Storm:
    """What clients were told while the server was killed, and the server that came after."""

    server: Served
    folder: Path
    seed: int
    ledgers: dict[str, str] = field(default_factory=dict)
    """Run id by the name of its ledger."""
    followed: dict[str, Followed] = field(default_factory=dict)
    """What a reader of its events was sent, by run id."""
    created: dict[str, str] = field(default_factory=dict)
    """Run id by idempotency key, each answered with 200."""
    asked: set[str] = field(default_factory=set)
    """Every idempotency key that was sent, answered or not."""
    uploaded: dict[str, str] = field(default_factory=dict)
    """Pipeline id by name, each answered with 200."""


def told(answer: Answer) -> Any:
    """What a 200 says: a client that is answered at all is answered well, kill or not."""
    assert answer.status == 200, answer.body
    return answer.json


def compiled(folder: Path, source: str) -> bytes:
    path = folder / f"{source}.yaml"
    done = Command(folder / "unused")("compile", str(PIPELINES / source), "-o", str(path))
    assert done.returncode == 0, done.stdout
    return path.read_bytes()


def run_of(pipeline: dict[str, Any], called: str, /, **parameters: Any) -> dict[str, Any]:
    return {
        "display_name": called,
        "pipeline_version_reference": {"pipeline_id": pipeline["pipeline_id"]},
        "runtime_config": {"parameters": parameters},
    }


def submit_ledgers(storm: Storm, address: Address, pipeline: dict[str, Any], due: threading.Semaphore) -> None:
    """Start a run whenever one is due, and read its events through every kill."""
    with ThreadPoolExecutor(LEDGERS) as readers:
        reading = []
        for number in range(LEDGERS):
            due.acquire(timeout=300)
            name = f"ledger-{number}"
            body = run_of(pipeline, name, ledger=str(storm.folder / name), seconds=0.2)
            storm.ledgers[name] = run_id = told(address.ask("/runs", body, key=name))["run_id"]
            storm.followed[run_id] = Followed(run_id)
            reading.append(readers.submit(read_to_the_end, storm.followed[run_id], address))
        for one in reading:
            one.result(300)


def read_to_the_end(followed: Followed, address: Address) -> None:
    life = 0
    while not followed.ended:
        server, life = address.after(life)
        try:
            followed.read(server)
        except LOST:
            continue


def create_runs(storm: Storm, address: Address, pipeline: dict[str, Any], over: threading.Event) -> None:
    """Start small runs in quick succession; one whose answer was lost is asked for again with its key."""
    life = 0
    open_: list[str] = []
    while not over.is_set():
        server, life = address.after(life)
        try:
            for number in range(CREATES):
                key = open_[0] if open_ else f"{life}-{number}"
                storm.asked.add(key)
                open_ = open_ or [key]
                answer = server.post("/runs", run_of(pipeline, key, name="Ada"), headers={"Idempotency-Key": key})
                storm.created[key] = told(answer)["run_id"]
                open_ = []
        except LOST:
            continue


def upload_pipelines(storm: Storm, address: Address, package: bytes, over: threading.Event) -> None:
    """Register pipelines in quick succession. A repeated one may meet itself: 409."""
    life = 0
    while not over.is_set():
        server, life = address.after(life)
        try:
            for number in range(UPLOADS):
                name = f"uploaded-{life}-{number}"
                answer = server.upload(f"/pipelines/upload?name={name}", "hello.yaml", package)
                storm.uploaded[name] = told(answer)["pipeline_id"]
        except LOST:
            continue


def kill_again_and_again(
    command: Command, rng: random.Random, address: Address, due: threading.Semaphore
) -> Iterator[None]:
    """Every life ends at a random moment, a fifth of them before the server answers at all."""
    for kill in range(KILLS):
        if kill % (KILLS // LEDGERS) == 0:
            due.release()
        if rng.random() < 0.2:
            process = command.popen("up", "--port", "0")
            until = rng.uniform(0, 0.6)
        else:
            server = start(command)
            address.announce(server)
            process, until = server.process, rng.uniform(0.02, 1.0)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(until)
        process.kill()
        process.communicate()
        yield
    for _ in range(LEDGERS):
        due.release()


@pytest.fixture(scope="module")
def storm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storm]:
    folder = tmp_path_factory.mktemp("storm")
    command, address = Command(folder / "state"), Address()
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    first = start(command)
    storm = Storm(server=first, folder=folder, seed=seed)
    ledger = first.upload("/pipelines/upload?name=ledger", "ledger.yaml", compiled(folder, "ledger.py")).json
    package = compiled(folder, "hello.py")
    hello = first.upload("/pipelines/upload?name=hello", "hello.yaml", package).json
    first.end()
    due, over = threading.Semaphore(0), threading.Event()
    clients = ThreadPoolExecutor(3)
    try:
        ledgers = clients.submit(submit_ledgers, storm, address, ledger, due)
        others = [
            clients.submit(create_runs, storm, address, hello, over),
            clients.submit(upload_pipelines, storm, address, package, over),
        ]
        for _ in kill_again_and_again(command, random.Random(seed), address, due):
            for one in (ledgers, *others):
                assert one.running() or one.result() is None
        over.set()
        storm.server = start(command)
        address.announce(storm.server)
        for one in (ledgers, *others):
            one.result(300)
        yield storm
        storm.server.stop()
    finally:
        over.set()
        storm.server.end()
        clients.shutdown(wait=False, cancel_futures=True)
        end_processes(command)


def test_every_run_ends_as_it_would_have_undisturbed(storm: Storm) -> None:
    states = {name: storm.server.get(f"/runs/{run_id}").json["state"] for name, run_id in storm.ledgers.items()}

    assert states == {f"ledger-{number}": "SUCCEEDED" for number in range(LEDGERS)}


def test_every_task_ran_once_whatever_was_killed_meanwhile(storm: Storm) -> None:
    for name in storm.ledgers:
        Ledger(storm.folder / name).assert_each_step_ran_exactly_once()


def test_a_run_that_was_acknowledged_is_there(storm: Storm) -> None:
    assert len(storm.created) >= KILLS // 5
    assert [key for key, run_id in storm.created.items() if storm.server.get(f"/runs/{run_id}").status != 200] == []


def test_a_call_that_is_repeated_with_its_key_starts_no_second_run(storm: Storm) -> None:
    names = Counter(run["display_name"] for run in every(storm.server, "/runs", "runs"))

    assert {name: count for name, count in names.items() if count > 1} == {}
    assert set(storm.created) <= set(names) <= storm.asked | set(storm.ledgers)


def test_a_pipeline_that_was_acknowledged_is_there_with_its_version(storm: Storm) -> None:
    versions = {
        name: storm.server.get(f"/pipelines/{pipeline_id}/versions").json["total_size"]
        for name, pipeline_id in storm.uploaded.items()
    }

    assert len(versions) >= KILLS // 10
    assert set(versions.values()) == {1}


def test_no_pipeline_is_there_without_a_version(storm: Storm) -> None:
    pipelines = every(storm.server, "/pipelines", "pipelines")

    bare = [one["name"] for one in pipelines if not storm.server.get(f"/pipelines/{one['pipeline_id']}/versions").json]

    assert bare == []


def test_a_reader_that_resumes_after_every_kill_misses_and_repeats_nothing(storm: Storm) -> None:
    for run_id, followed in storm.followed.items():
        assert followed.events == storm.server.events(run_id)
        assert [event["seq"] for event in followed.events] == list(range(1, len(followed.events) + 1))


def test_the_database_is_sound(storm: Storm) -> None:
    assert integrity(storm.server.command) == "sound"


def every(server: Served, path: str, name: str) -> list[dict[str, Any]]:
    """All items of a list, page by page."""
    items: list[dict[str, Any]] = []
    token = ""
    while True:
        page = server.get(f"{path}?page_size=200&page_token={token}").json
        items += page.get(name, ())
        token = page.get("next_page_token", "")
        if not token:
            return items
