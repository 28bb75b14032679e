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


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel and what it requires: no kfp."""
    environment = tmp_path_factory.mktemp("bare") / "environment"
    subprocess.run([find_uv_bin(), "venv", "--quiet", "--python", sys.executable, environment], check=True)
    python = environment / "bin" / "python"
    subprocess.run([find_uv_bin(), "pip", "install", "--quiet", "--python", python, wheel], check=True)
    return environment


def wherry(environment: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [environment / "bin" / "wherry", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


def test_the_wheel_runs_a_pipeline_in_an_environment_of_its_own(environment: Path, tmp_path: Path) -> None:
    done = wherry(environment, tmp_path, "run", str(PIPELINES / "hello.py"))

    assert done.returncode == 0, done.stdout + done.stderr
    assert "greeting world" in done.stdout


def test_a_file_that_imports_kfp_runs_and_compiles_where_kfp_is_not_installed(
    environment: Path, tmp_path: Path
) -> None:
    missing = subprocess.run([environment / "bin" / "python", "-c", "import kfp"], capture_output=True, check=False)
    ran = wherry(environment, tmp_path, "run", str(PIPELINES / "with_kfp.py"))
    compiled = wherry(environment, tmp_path, "compile", str(PIPELINES / "with_kfp.py"), "-o", "letters.yaml")

    assert b"ModuleNotFoundError" in missing.stderr
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "count │ letters: 6" in ran.stdout
    assert compiled.returncode == 0, compiled.stdout + compiled.stderr
    assert "sdkVersion: wherry-" in (tmp_path / "letters.yaml").read_text()
