"""The guide for those who come from kfp is true: its files run, its commands succeed, its lists are complete."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

from served import Served, served  # noqa: E402  beside the e2e tests

GUIDE = (ROOT / "docs" / "guides" / "from-kfp.md").read_text()
FILES = dict(re.findall(r"```python\n# (\w+\.py)\n(.*?)```", GUIDE, re.DOTALL))
COMMANDS = [
    line.removeprefix("$ wherry ").split()
    for block in re.findall(r"```console\n(.*?)```", GUIDE, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("$ wherry ") and line != "$ wherry up"
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("guide") / "state") as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path, server: Served) -> Path:
    for name, source in FILES.items():
        (tmp_path / name).write_text(source.replace("http://127.0.0.1:8080", server.url))
    return tmp_path


def test_its_commands_succeed_one_after_the_other(server: Served, folder: Path) -> None:
    wherry = str(Path(sys.executable).parent / "wherry")

    for arguments in COMMANDS:
        done = subprocess.run(
            [wherry, *arguments],
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "WHERRY_STATE": str(server.command.state)},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, f"wherry {' '.join(arguments)}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("name", [name for name, source in FILES.items() if "Client(" in source])
def test_its_client_code_runs(folder: Path, name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", name],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "SUCCEEDED" in done.stdout.splitlines()[-1]


def test_every_case_where_kfp_is_wrong_stands_in_its_table() -> None:
    cases = (ROOT / "tests" / "differential" / "test_where_kfp_is_wrong.py").read_text()
    refused = re.search(r"REFUSED_BY_KFP = \{(.*?)^\}", cases, re.DOTALL | re.MULTILINE)
    assert refused is not None
    table = GUIDE.split("## Where kfp's compiler goes wrong")[1].split("```")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]

    # Two cases about keys of items share a row, and so do two about annotations.
    assert sum("refuses it |" in row for row in rows) == len(re.findall(r'^    "', refused.group(1), re.MULTILINE)) - 2
    # One test looks at the loop's condition from the inside, which the row about conditions covers.
    compiled_wrongly = len(re.findall(r"^def test_(?!kfp_refuses)", cases, re.MULTILINE))
    assert sum("refuses it |" not in row for row in rows) == compiled_wrongly - 1
