"""A real server process on a state folder of its own."""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from command import Command


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def message(self) -> str:
        return str(self.json["message"])


@dataclass
class Served:
    """``wherry up`` on a free port."""

    command: Command
    process: subprocess.Popen[str]
    url: str

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        raw: bytes | None = None,
    ) -> Answer:
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers or {}, method=method)  # noqa: S310  the server under test
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  the server under test
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read())

    def get(self, path: str, **options: Any) -> Answer:
        return self.call("GET", "/apis/v2beta1" + path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Answer:
        return self.call("POST", "/apis/v2beta1" + path, body, **options)

    def upload(self, path: str, name: str, content: bytes) -> Answer:
        form = (
            b'--xyz\r\nContent-Disposition: form-data; name="uploadfile"; filename="' + name.encode() + b'"\r\n'
            b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n--xyz--\r\n"
        )
        return self.post(path, raw=form, headers={"Content-Type": "multipart/form-data; boundary=xyz"})

    def recorded(self) -> dict[str, int]:
        """How many of everything there is."""
        names = ("runs", "pipelines", "experiments")
        return {name: self.get(f"/{name}?page_size=1").json.get("total_size", 0) for name in names}

    @contextlib.contextmanager
    def unharmed(self) -> Iterator[None]:
        """What is sent in the block leaves the server answering, and nothing behind."""
        before = self.recorded()
        yield
        assert self.process.poll() is None
        assert self.get("/healthz").status == 200
        assert self.recorded() == before

    def events(self, run_id: str, *, after: int = 0) -> list[dict[str, Any]]:
        """Every recorded event of a run behind a number, until the run has ended."""
        answer = self.get(f"/runs/{run_id}/events", headers={"Last-Event-ID": str(after)})
        blocks = answer.body.decode().split("\n\n")
        return [json.loads(block.split("data: ", 1)[1]) for block in blocks if block.startswith("id: ")]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> str:
        self.process.send_signal(number)
        output, _ = self.process.communicate(timeout=30)
        return output

    def end(self) -> None:
        """Kill it, if it is still there."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate(timeout=30)


@dataclass
class Followed:
    """What a reader of a run's events has been sent, over as many connections as it took."""

    run_id: str
    events: list[dict[str, Any]] = field(default_factory=list)
    ended: bool = False

    def opened(self, server: Served) -> http.client.HTTPResponse:
        """A stream of what comes after the last event. Closing it closes the connection."""
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(server.url).netloc, timeout=60)
        after = {"Last-Event-ID": str(self.events[-1]["seq"])} if self.events else {}
        path = f"/apis/v2beta1/runs/{self.run_id}/events"
        connection.request("GET", path, headers={**after, "Connection": "close"})
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        return answer

    def read(self, server: Served) -> None:
        """Read from behind the last event until the stream ends or breaks."""
        with contextlib.closing(self.opened(server)) as stream:
            block: list[str] = []
            while line := stream.readline().decode():
                if line != "\n":
                    block.append(line.rstrip("\n"))
                    continue
                self._take(dict(text.split(": ", 1) for text in block if not text.startswith(":")))
                block = []

    def _take(self, block: dict[str, str]) -> None:
        if "id" in block:
            self.events.append(json.loads(block["data"]))
        self.ended = self.ended or block.get("event") == "end"


def start(command: Command, *arguments: str) -> Served:
    process = command.popen("up", "--port", "0", *arguments)
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line.startswith("Wherry serves http://"):
        process.kill()
        raise AssertionError(line + process.communicate()[0])
    return Served(command, process, line.split()[2])


@contextlib.contextmanager
def served(state: Path, *arguments: str) -> Iterator[Served]:
    """A server for the length of a block; nothing of it is left afterwards."""
    command = Command(state)
    server = start(command, *arguments)
    try:
        yield server
    finally:
        server.end()
        end_processes(command)


def end_processes(command: Command) -> None:
    """Kill whatever belongs to a state folder."""
    for pid in command.host_pids():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
