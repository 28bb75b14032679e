"""Podman with a storage and settings of its own, so that no image or container of the machine's user is touched."""

import hashlib
import json
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SETTINGS = """
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
"""


@dataclass(frozen=True)
class Podman:
    """The ``podman`` command on a folder."""

    folder: Path

    def prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "containers.conf").write_text(_SETTINGS)
        # What is mounted now is noted under /run, as it does not outlive this boot; the images do.
        mark = hashlib.sha256(bytes(self.folder)).hexdigest()[:12]
        places = {"graphroot": self.folder / "storage", "runroot": Path("/run") / f"wherry-tests-{mark}"}
        lines = ["[storage]", 'driver = "overlay"', *(f'{name} = "{path}"' for name, path in places.items())]
        (self.folder / "storage.conf").write_text("\n".join(lines) + "\n")

    @property
    def environ(self) -> dict[str, str]:
        return {
            **os.environ,
            "CONTAINERS_CONF": str(self.folder / "containers.conf"),
            "CONTAINERS_STORAGE_CONF": str(self.folder / "storage.conf"),
        }

    def run(self, *arguments: str, given: str | None = None, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["podman", *arguments],
            env=self.environ,
            input=given,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def __call__(self, *arguments: str, given: str | None = None) -> str:
        """What it printed; the test fails if it does."""
        done = self.run(*arguments, given=given)
        assert done.returncode == 0, f"podman {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout.strip()

    def inspect(self, kind: str, name: str) -> Any:
        return json.loads(self(kind, "inspect", name))[0]


@dataclass(frozen=True)
class Container:
    """One that was started, by name."""

    podman: Podman
    name: str

    @property
    def url(self) -> str:
        """Where its server answers on this machine, as its last start printed it."""
        lines = [line for line in self.logs.splitlines() if line.startswith("Wherry serves http://")]
        return lines[-1].split()[2].replace("//0.0.0.0:", "//127.0.0.1:")

    @property
    def logs(self) -> str:
        done = self.podman.run("logs", self.name)
        return done.stdout + done.stderr

    def exec(self, *command: str) -> subprocess.CompletedProcess[str]:
        return self.podman.run("exec", self.name, *command)

    def output(self, *command: str) -> str:
        return self.podman("exec", self.name, *command)

    def wait_until_healthy(self, *, seconds: float = 60) -> None:
        """Asks the image's own check. An engine under systemd would ask by itself."""
        said = ""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            check = self.podman.run("healthcheck", "run", self.name)
            if check.returncode == 0:
                return
            said = check.stdout + check.stderr
            time.sleep(0.2)
        raise AssertionError(f"{self.name} did not become healthy: {said}{self.logs}")
