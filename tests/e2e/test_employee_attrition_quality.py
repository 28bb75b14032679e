"""What the example finds out, in figures, and how its components behave on KFP's own artifact classes.

The components are called as functions, in an environment built from what they ask for. Needs a package index.
"""

import csv
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from kfp.dsl.python_component import PythonComponent
from uv import find_uv_bin

from wherry.launchers.process.lightweight import recognise

pytestmark = pytest.mark.slow

EXAMPLE = Path(__file__).parents[2] / "examples" / "employee_attrition"
BY_HAND = Path(__file__).with_name("employee_attrition_by_hand.py")
OURS, KFPS = "\nfrom wherry import dsl\n", "\nfrom kfp import dsl\n"


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"quality_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def requirements(pipeline: ModuleType) -> set[tuple[str, ...]]:
    """What each component asks for, from the command that kfp compiles for it."""
    found = set()
    for component in vars(pipeline).values():
        if isinstance(component, PythonComponent):
            container = component.component_spec.implementation.container
            lightweight = recognise([*container.command, *container.args])
            assert lightweight is not None
            found.add(lightweight.packages)
    return found


@pytest.fixture(scope="module")
def pipeline_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example with kfp's dsl in place of ours: one line differs."""
    ours = (EXAMPLE / "pipeline.py").read_text(encoding="utf-8")
    assert ours.count(OURS) == 1
    file = tmp_path_factory.mktemp("pipeline") / "pipeline.py"
    file.write_text(ours.replace(OURS, KFPS), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def results(pipeline_file: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What employee_attrition_by_hand reports, for data with real and with shuffled labels."""
    folder = tmp_path_factory.mktemp("attrition")
    uv, python = find_uv_bin(), folder / "environment" / "bin" / "python"
    asked = sorted({package for packages in requirements(load(pipeline_file)) for package in packages})
    subprocess.run([uv, "venv", "-q", "-p", sys.executable, folder / "environment"], check=True)
    subprocess.run([uv, "pip", "install", "-q", "-p", python, "kfp==2.17.0", *asked], check=True)

    generate = load(EXAMPLE / "generate.py")
    labels = {"real": generate.Labels.REAL, "shuffled": generate.Labels.SHUFFLED}
    for name, how in labels.items():
        generate.generate(folder / f"{name}.csv", dirty=0.03, labels=how)
    sources = [f"{name}={folder / name}.csv" for name in labels]
    (folder / "runs").mkdir()
    subprocess.run([python, BY_HAND, pipeline_file, folder / "runs", *sources], check=True)
    found: dict[str, Any] = json.loads((folder / "runs" / "results.json").read_text(encoding="utf-8"))
    with (folder / "real.csv").open(newline="", encoding="utf-8") as file:
        found["raw"] = list(csv.DictReader(file))
    return found


def test_three_environments_serve_all_components_that_ask_for_packages(pipeline_file: Path) -> None:
    asked = requirements(load(pipeline_file)) - {()}

    assert {tuple(package.split(">")[0] for package in packages) for packages in asked} == {
        ("pandas",),
        ("pandas", "pandera"),
        ("pandas", "scikit-learn"),
    }


def test_the_model_ranks_leavers_above_stayers(results: dict[str, Any]) -> None:
    assert results["real"]["auc"] >= 0.75


def test_the_model_finds_most_leavers(results: dict[str, Any]) -> None:
    assert results["real"]["recall_left"] >= 0.6


def test_nothing_is_learnt_from_shuffled_labels(results: dict[str, Any]) -> None:
    assert results["shuffled"]["auc"] == pytest.approx(0.5, abs=0.02)


def test_validation_promises_what_the_test_rows_show(results: dict[str, Any]) -> None:
    assert results["real"]["best"]["validation_auc"] == pytest.approx(results["real"]["auc"], abs=0.02)


def test_the_candidate_with_the_highest_validation_auc_is_selected(results: dict[str, Any]) -> None:
    assert results["real"]["best"]["validation_auc"] == max(results["real"]["validation_aucs"])


def test_the_registered_model_is_the_selected_one_under_the_name_asked_for(results: dict[str, Any]) -> None:
    registered = results["real"]["registered"]

    assert (registered["wherry.model_name"], results["real"]["same_model"]) == ("employee-attrition", True)


def test_a_refused_file_is_told_how_many_rows_are_invalid_and_which_parameter_allows_them(
    results: dict[str, Any],
) -> None:
    lines = results["real"]["refusal"].splitlines()

    assert (lines[0], lines[-1]) == (
        "2235 of 74498 rows (3.00%) are invalid; max_invalid_fraction=0.0.",
        "Mend these rows, or set the parameter max_invalid_fraction to 0.04 or more to have them repaired or dropped.",
    )


def test_a_refused_file_is_told_the_first_twenty_rows_with_cell_and_rule(results: dict[str, Any]) -> None:
    first = results["real"]["failures"][:20]

    assert results["real"]["refusal"].splitlines()[1:-1] == [
        *(
            f"  row {line['row']}, Employee ID {line['Employee ID']}: {line['column']} is {line['value'] or 'blank'},"
            f" expected {line['rule']}"
            for line in first
        ),
        "  ... and 2215 more",
    ]


def test_a_failure_points_at_the_cell_of_the_raw_file(results: dict[str, Any]) -> None:
    raw, failures = results["raw"], results["real"]["failures"]

    assert [raw[int(line["row"]) - 1][line["column"]] for line in failures] == [line["value"] for line in failures]


def test_the_validation_report_counts_the_rows_of_each_rule(results: dict[str, Any]) -> None:
    assert "| Employee ID | an Employee ID that no earlier row has | 447 |" in results["real"]["validation"]


def test_cleaning_repairs_signs_and_drops_the_rest(results: dict[str, Any]) -> None:
    assert results["real"]["counts"] == {
        "rows_read": 74498,
        "rows_repaired": 447,
        "rows_dropped": 1788,
        "rows_written": 72710,
    }


def test_an_income_with_the_wrong_sign_keeps_its_amount(results: dict[str, Any]) -> None:
    cleaned = {row["Employee ID"]: row["Monthly Income"] for row in results["real"]["cleaned"]}
    wrong = [line for line in results["real"]["failures"] if line["value"].startswith("-") and line["column"] != "Age"]
    within = [line for line in wrong if line["Employee ID"] in cleaned]

    assert within
    assert [cleaned[line["Employee ID"]] for line in within] == [line["value"].lstrip("-") for line in within]


def test_both_parts_of_the_split_hold_the_same_share_of_leavers(results: dict[str, Any]) -> None:
    train, test = results["real"]["train"], results["real"]["test"]

    assert (train["rows"], test["rows"], train["share_left"]) == (58168, 14542, test["share_left"])


def test_the_roc_curve_is_drawn_with_at_most_a_hundred_points_from_corner_to_corner(results: dict[str, Any]) -> None:
    points = results["real"]["curves"]["confidenceMetrics"]
    corners = [(point["falsePositiveRate"], point["recall"]) for point in (points[0], points[-1])]

    assert (len(points) <= 100, corners) == (True, [(0.0, 0.0), (1.0, 1.0)])


def test_the_confusion_matrix_counts_every_test_row(results: dict[str, Any]) -> None:
    matrix = results["real"]["curves"]["confusionMatrix"]

    assert sum(sum(row["row"]) for row in matrix["rows"]) == results["real"]["test"]["rows"]


def test_the_evaluation_report_names_the_auc(results: dict[str, Any]) -> None:
    assert f"| auc | {results['real']['auc']:.4f} |" in results["real"]["report"]


def test_the_importance_plot_shows_the_job_level_without_scripts(results: dict[str, Any]) -> None:
    page = results["real"]["importance"]

    assert ("job_level</text>" in page, "<script" in page) == (True, False)
