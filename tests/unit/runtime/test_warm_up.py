"""A zygote goes through the life of a child: it must be what it was afterwards. Each runs in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import wherry

PROGRAM = """
import os, sys
sys.path.append({source!r})
from wherry.runtime import kfp_standin, report, warm_up

def state():
    return os.getcwd(), dict(os.environ), os.fstat(1).st_ino, os.listdir("/proc/self/fd"), sorted(sys.modules)

{before}
warm_up.performance.rehearse()
first = state()
try:
    warm_up.warm_up({folder!r}, 9)
except OSError as error:
    print("refused:", error)
now = state()
print(*(name for name, a, b in zip(("folder", "environment", "stream", "files", "modules"), first, now) if a != b))
"""


def run(folder: Path, before: str = "") -> list[str]:
    program = PROGRAM.format(source=str(Path(wherry.__file__).parent.parent), folder=str(folder), before=before)
    done = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_nothing_of_it_is_left_in_the_process_or_on_the_disk(tmp_path: Path) -> None:
    assert run(tmp_path / "parked") == [""]
    assert list((tmp_path / "parked").iterdir()) == []


def test_a_disk_that_takes_no_record_ends_the_warm_up_and_not_the_process(tmp_path: Path) -> None:
    full = "def full(*_): raise OSError('no space')\nreport.write_record = full"

    assert run(tmp_path / "parked", full) == ["refused: no space", ""]
    assert list((tmp_path / "parked").iterdir()) == []
