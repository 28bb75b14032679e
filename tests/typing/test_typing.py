"""The public surface is typed as promised."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@pytest.mark.slow
@pytest.mark.parametrize(
    "path", [path for path in sorted(HERE.glob("*.py")) if path != Path(__file__)], ids=lambda path: path.stem
)
def test_mypy_agrees(path, tmp_path):
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--config-file",
        str(ROOT / "pyproject.toml"),
        "--cache-dir",
        str(tmp_path),
        str(path),
    ]

    run = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)

    assert run.stdout.splitlines()[-1:] == ["Success: no issues found in 1 source file"], run.stdout + run.stderr
