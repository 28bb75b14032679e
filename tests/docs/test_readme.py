"""The README is true: its pipeline runs, its commands exist."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
WHERRY = str(Path(sys.executable).parent / "wherry")


def test_the_first_pipeline_of_the_readme_runs(tmp_path: Path) -> None:
    source = next(block for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "# hello.py" in block)
    (tmp_path / "hello.py").write_text(source)

    done = subprocess.run(
        [WHERRY, "run", "hello.py", "--param", "name=Ada"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "greeting Ada" in done.stdout


def test_every_command_of_the_readme_exists() -> None:
    named = {line.split("#")[0].split()[1] for line in README.splitlines() if line.startswith("wherry ")}
    shown = subprocess.run([WHERRY, "--help"], capture_output=True, text=True, check=True).stdout

    assert [name for name in named if f"\n  {name} " not in shown] == []


def test_every_link_of_the_readme_leads_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", README)

    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_decisions_are_numbered_without_doubles() -> None:
    numbers = [path.name.split("-")[0] for path in (ROOT / "docs" / "adr").glob("*.md")]

    assert sorted(numbers) == sorted(set(numbers))
