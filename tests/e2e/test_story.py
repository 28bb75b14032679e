"""The employee-attrition story, told by ``wherry demo``, and what its figures are worth."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from command import Command

EXAMPLE = Path(__file__).parents[2] / "examples" / "employee_attrition"


def metrics(output: str) -> dict[str, float]:
    """The evaluation's metrics in the final table."""
    return {name: float(value) for name, value in re.findall(r"^  evaluate +(\w+) +([\d.]+)$", output, re.MULTILINE)}


@pytest.mark.timeout(600)
def test_the_demo_tells_its_story_and_tells_it_again(wherry: Command) -> None:
    told = wherry("demo", "--rows", "6000", timeout=400)
    assert told.returncode == 0, told.stdout
    first, second, third = re.split(r"^\d\. ", told.stdout, flags=re.MULTILINE)[1:]

    assert "rows (3.00%) are invalid" in first
    assert "Employee ID" in first
    assert "ingest                       reused from run" in second
    assert "registered as employee-attrition v1" in second
    seconds = re.search(r"all reuse, ([\d.]+) s", third)
    assert seconds is not None
    assert float(seconds.group(1)) < 1
    assert "▶ train" not in third.split("What came of it")[0]
    assert "Which data set produced employee-attrition v1?" in third
    assert "employees-6000.csv, made by ingest" in third
    assert metrics(third)["auc"] > 0.75

    again = wherry("demo", "--rows", "6000", timeout=400)
    assert again.returncode == 0, again.stdout
    assert "employee-attrition v1" in again.stdout
    assert "employee-attrition v2" not in again.stdout


@pytest.mark.timeout(600)
@pytest.mark.parametrize("labels", ["real", "shuffled"])
def test_the_model_learns_from_real_labels_and_nothing_from_shuffled_ones(
    wherry: Command, tmp_path: Path, labels: str
) -> None:
    data = tmp_path / "employees.csv"
    options = ["--dirty", "0.03", *(["--shuffle-labels"] if labels == "shuffled" else [])]
    subprocess.run([sys.executable, EXAMPLE / "generate.py", data, *options], check=True)

    done = wherry(
        *("run", str(EXAMPLE / "pipeline.py"), "--quiet"),
        *("--param", f"source={data}", "--param", "max_invalid_fraction=0.1"),
        timeout=500,
    )

    assert done.returncode == 0, done.stdout
    found = metrics(done.stdout)
    if labels == "real":
        assert found["auc"] >= 0.75
        assert found["recall_left"] >= 0.6
        assert "registered as employee-attrition v1" in done.stdout
    else:
        assert abs(found["auc"] - 0.5) <= 0.02
        assert "condition was false" in done.stdout
        assert "registered as" not in done.stdout
