"""The installed command, as a person at a terminal has it."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

PIPELINES = Path(__file__).parent / "pipelines"


@dataclass
class Command:
    """The installed ``wherry`` command on a state folder of its own."""

    state: Path
    environ: dict[str, str] = field(default_factory=dict)

    def popen(self, *arguments: str, environ: dict[str, str] | None = None) -> subprocess.Popen[str]:
        # A session of its own: a test may kill it as a terminal would.
        return subprocess.Popen(
            [str(Path(sys.executable).parent / "wherry"), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **self.environ, "WHERRY_STATE": str(self.state), **(environ or {})},
            start_new_session=True,
        )

    def __call__(
        self, *arguments: str, environ: dict[str, str] | None = None, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        process = self.popen(*arguments, environ=environ)
        output, _ = process.communicate(timeout=timeout)
        return subprocess.CompletedProcess(arguments, process.returncode, output)

    def processes(self) -> list[tuple[int, str]]:
        """Processes, by command line or working folder, that belong to this state folder."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                folder = os.readlink(entry / "cwd")
                status = (entry / "status").read_text()
            except OSError:
                continue
            if "\nState:\tZ" not in status and (str(self.state) in line or folder.startswith(str(self.state))):
                found.append((int(entry.name), line.strip()))
        return found

    def host_pids(self) -> list[int]:
        """The task host of this state folder and its children: all that may outlive a finished run."""
        return [pid for pid, _ in self.processes()]
