"""The generator of the employee-attrition example."""

import collections
import csv
import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

FILE = Path(__file__).parents[3] / "examples" / "employee_attrition" / "generate.py"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("employee_attrition_generate", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


generate = load()


def read(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        return list(reader.fieldnames or []), list(reader)


def made(folder: Path, name: str = "raw.csv", **how) -> list[dict[str, str]]:
    generate.generate(folder / name, **how)
    return read(folder / name)[1]


def command_line(folder: Path, *arguments: str, hash_seed: str = "0") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(FILE), *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_header_is_that_of_the_data_set(tmp_path: Path) -> None:
    generate.generate(tmp_path / "raw.csv", rows=1)

    assert read(tmp_path / "raw.csv")[0] == [
        "Employee ID",
        "Age",
        "Gender",
        "Years at Company",
        "Job Role",
        "Monthly Income",
        "Work-Life Balance",
        "Job Satisfaction",
        "Performance Rating",
        "Number of Promotions",
        "Overtime",
        "Distance from Home",
        "Education Level",
        "Marital Status",
        "Number of Dependents",
        "Job Level",
        "Company Size",
        "Company Tenure",
        "Remote Work",
        "Leadership Opportunities",
        "Innovation Opportunities",
        "Company Reputation",
        "Employee Recognition",
        "Attrition",
    ]


def test_as_many_rows_are_made_by_default_as_the_data_set_has() -> None:
    assert generate.ROWS == 74_498


def test_the_same_seed_writes_the_same_bytes_in_any_process(tmp_path: Path) -> None:
    for name, hash_seed in (("one.csv", "1"), ("two.csv", "2")):
        command_line(tmp_path, name, "--rows", "500", "--dirty", "0.1", hash_seed=hash_seed).check_returncode()

    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


def test_the_bytes_of_a_seed_do_not_change_from_release_to_release(tmp_path: Path) -> None:
    generate.generate(tmp_path / "raw.csv", rows=1000, seed=7, dirty=0.03)

    assert (
        hashlib.sha256((tmp_path / "raw.csv").read_bytes()).hexdigest()
        == "2ee07fcf52603f2580e374c272eeeecbd3c079a7fb6e7f72b45e24890ad14f5b"
    )


def test_another_seed_draws_other_people(tmp_path: Path) -> None:
    assert made(tmp_path, rows=50, seed=1) != made(tmp_path, rows=50, seed=2)


def test_employee_ids_of_a_clean_file_are_unique(tmp_path: Path) -> None:
    rows = made(tmp_path, rows=2000)

    assert len({row["Employee ID"] for row in rows}) == 2000


def test_a_clean_file_holds_possible_people_only(tmp_path: Path) -> None:
    rows = made(tmp_path, rows=2000)

    assert {
        "age": all(18 <= int(row["Age"]) <= 59 for row in rows),
        "years": all(1 <= int(row["Years at Company"]) <= int(row["Age"]) - 17 for row in rows),
        "tenure": all(2 <= int(row["Company Tenure"]) <= 128 for row in rows),
        "income": all(int(row["Monthly Income"]) > 1000 for row in rows),
        "distance": all(1 <= int(row["Distance from Home"]) <= 99 for row in rows),
        "words": all(row[name] in known for row in rows for name, known in generate.CATEGORIES.items()),
    } == dict.fromkeys(["age", "years", "tenure", "income", "distance", "words"], True)


def test_nearly_half_of_the_employees_left(tmp_path: Path) -> None:
    left = sum(row["Attrition"] == "Left" for row in made(tmp_path, rows=10_000))

    assert 4_500 <= left <= 5_000


def test_there_is_something_to_learn(tmp_path: Path) -> None:
    rows = made(tmp_path, rows=10_000)
    left = collections.Counter(row["Job Level"] for row in rows if row["Attrition"] == "Left")
    all_of = collections.Counter(row["Job Level"] for row in rows)

    assert left["Entry"] / all_of["Entry"] > 2 * left["Senior"] / all_of["Senior"]


def test_as_many_rows_are_dirty_as_were_asked_for(tmp_path: Path) -> None:
    defects = generate.generate(tmp_path / "raw.csv", rows=1000, dirty=0.05)

    assert defects == dict.fromkeys(generate.Defect, 10)


def test_a_dirty_file_is_the_clean_file_but_for_its_dirty_rows(tmp_path: Path) -> None:
    clean, dirty = made(tmp_path, "clean.csv", rows=1000), made(tmp_path, "dirty.csv", rows=1000, dirty=0.05)

    assert sum(before != after for before, after in zip(clean, dirty, strict=True)) == 50


def test_every_defect_can_be_seen_in_its_row() -> None:
    rows = generate.employees(500)
    defects = generate.spoil(rows, 0.2)
    age, income = generate.COLUMNS.index("Age"), generate.COLUMNS.index("Monthly Income")
    ids = collections.Counter(row[0] for row in rows)

    def seen(row: list[str]) -> set[object]:
        words = zip(generate.COLUMNS, row, strict=True)
        return {
            kind
            for kind, found in {
                generate.Defect.BLANK_CELL: "" in row,
                generate.Defect.IMPOSSIBLE_AGE: bool(row[age]) and not 18 <= int(row[age]) <= 59,
                generate.Defect.UNKNOWN_CATEGORY: any(
                    cell and cell not in generate.CATEGORIES.get(name, [cell]) for name, cell in words
                ),
                generate.Defect.DUPLICATE: ids[row[0]] > 1,
                generate.Defect.NEGATIVE_INCOME: row[income].startswith("-"),
            }.items()
            if found
        }

    assert {position: seen(rows[position]) for position in defects} == {
        position: {defect} for position, defect in defects.items()
    }


def test_every_row_may_be_dirty(tmp_path: Path) -> None:
    defects = generate.generate(tmp_path / "raw.csv", rows=100, dirty=1.0)

    assert sum(defects.values()) == 100


def test_shuffled_labels_are_the_same_labels_on_other_people(tmp_path: Path) -> None:
    real = made(tmp_path, "real.csv", rows=1000)
    shuffled = made(tmp_path, "shuffled.csv", rows=1000, labels=generate.Labels.SHUFFLED)
    labels = [[row.pop("Attrition") for row in rows] for rows in (real, shuffled)]

    assert (real == shuffled, sorted(labels[0]) == sorted(labels[1]), labels[0] == labels[1]) == (True, True, False)


@pytest.mark.parametrize("dirty", [-0.1, 1.5])
def test_a_share_of_dirty_rows_outside_0_and_1_is_refused(tmp_path: Path, dirty: float) -> None:
    with pytest.raises(ValueError, match=f"dirty={dirty}: expected a share of the rows, from 0 to 1"):
        generate.generate(tmp_path / "raw.csv", rows=10, dirty=dirty)


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="rows=0: a file has at least 1 row"):
        generate.generate(tmp_path / "raw.csv", rows=0)


def test_the_command_line_says_what_it_wrote(tmp_path: Path) -> None:
    done = command_line(tmp_path, "raw.csv", "--rows", "100", "--dirty", "0.05", "--shuffle-labels")

    assert done.stdout == (
        "raw.csv: 100 rows; dirty rows: 1 x blank cell, 1 x impossible age, 1 x unknown category, 1 x duplicate,"
        " 1 x negative income\n"
    )


def test_the_command_line_refuses_a_wrong_share_with_a_usage_error(tmp_path: Path) -> None:
    done = command_line(tmp_path, "raw.csv", "--dirty", "3")

    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        2,
        "generate.py: error: dirty=3.0: expected a share of the rows, from 0 to 1",
    )
