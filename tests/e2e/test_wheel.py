"""What is shipped is whole: the wheel, alone in an environment, runs a pipeline and carries the example."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from command import PIPELINES
from uv import find_uv_bin

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([find_uv_bin(), "build", "--quiet", "--wheel", "--out-dir", folder, ROOT], check=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_carries_types_example_and_migrations(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())

    assert {
        "wherry/py.typed",
        "wherry/examples/employee_attrition/pipeline.py",
        "wherry/examples/employee_attrition/generate.py",
        "wherry/store/migrations/versions/0001_first.py",
    } <= names
    assert [name for name in names if name.startswith("tests/")] == []


def test_the_wheel_runs_a_pipeline_in_an_environment_of_its_own(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    subprocess.run([find_uv_bin(), "venv", "--quiet", "--python", sys.executable, environment], check=True)
    python = environment / "bin" / "python"
    subprocess.run([find_uv_bin(), "pip", "install", "--quiet", "--python", python, wheel], check=True)

    done = subprocess.run(
        [environment / "bin" / "wherry", "run", PIPELINES / "hello.py", "--state", tmp_path / "state"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "greeting world" in done.stdout
