"""What the server under test holds: the demo's story, and pipelines to start runs from."""

from __future__ import annotations

import urllib.parse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from command import PIPELINES
from served import Served

ROWS = "3000"


@dataclass(frozen=True)
class Site:
    """A server with something to show."""

    server: Served
    #: Runs of the story by what became of them: the first fails, the second registers a model, the third reuses all.
    failed: str
    registered: str
    reused: str
    #: Pipelines by name.
    pipelines: dict[str, str]

    @property
    def url(self) -> str:
        return self.server.url

    def pages(self, path: str) -> Any:
        """What the interface is told under a path."""
        answer = self.server.call("GET", "/apis/wherry/v1" + path)
        assert answer.status == 200, answer.body
        return answer.json

    def start(self, pipeline: str, name: str, /, **parameters: Any) -> str:
        """Start a run of the newest version; answers with its id."""
        pipeline_id = self.pipelines[pipeline]
        version_id = self.pages(f"/pipelines/{pipeline_id}")["versions"][0]["id"]
        answer = self.server.post(
            "/runs",
            {
                "display_name": name,
                "pipeline_version_reference": {"pipeline_id": pipeline_id, "pipeline_version_id": version_id},
                "runtime_config": {"parameters": parameters},
            },
        )
        assert answer.status == 200, answer.body
        return str(answer.json["run_id"])


def told(server: Served) -> Site:
    """The story in a server that has told it, with the pipelines registered."""
    runs = server.call("GET", "/apis/wherry/v1/runs?sort=created_at+asc").json["runs"]
    failed, registered, reused = (run["id"] for run in runs)
    state = server.command.state
    pipelines = {
        "employee-attrition": upload(
            server, "employee-attrition", (state / "demo" / "employee-attrition.yaml").read_bytes()
        ),
        "typed": upload(server, "typed", with_literals(compiled(server, PIPELINES / "typed.py"))),
        "hello": upload(server, "hello", compiled(server, PIPELINES / "hello.py")),
    }
    return Site(server=server, failed=failed, registered=registered, reused=reused, pipelines=pipelines)


def compiled(server: Served, source: Path) -> bytes:
    target = server.command.state.parent / f"{source.stem}.yaml"
    done = server.command("compile", str(source), "-o", str(target))
    assert done.returncode == 0, done.stdout
    return target.read_bytes()


def upload(server: Served, name: str, package: bytes, description: str = "") -> str:
    query = urllib.parse.urlencode({"name": name, "display_name": name, "description": description})
    answer = server.upload(f"/pipelines/upload?{query}", "package.yaml", package)
    assert answer.status == 200, answer.body
    return str(answer.json["pipeline_id"])


def with_literals(package: bytes) -> bytes:
    """The same pipeline; its `text` may only be one of three, and is described."""
    spec = yaml.safe_load(package)
    text = spec["root"]["inputDefinitions"]["parameters"]["text"]
    text["literals"] = ["north", "south", "east"]
    text["description"] = "Where the wind comes from."
    return yaml.safe_dump(spec).encode()
