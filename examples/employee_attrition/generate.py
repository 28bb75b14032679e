"""Write a raw employee-attrition file: synthetic people, a real signal and, if asked for, dirty rows.

The columns and categories are those of the well-known synthetic employee-attrition data set. Nothing but
the standard library is needed, and the same arguments write the same bytes on every machine.

    python generate.py raw.csv --rows 74498 --seed 7 --dirty 0.03
"""

import argparse
import csv
import enum
import math
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Final, assert_never

ROWS: Final = 74_498
"""Rows of the data set whose shape this is."""

COLUMNS: Final = (
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
)
"""Income is per month, distance in miles, Years at Company in years, Company Tenure in months."""

#: Per column: category -> (share of the employees, effect on the log-odds of leaving).
CATEGORIES: Final[dict[str, dict[str, tuple[float, float]]]] = {
    "Gender": {"Male": (0.55, -0.25), "Female": (0.45, 0.3)},
    "Job Role": {
        "Education": (0.21, 0.05),
        "Media": (0.16, 0.1),
        "Healthcare": (0.23, -0.05),
        "Technology": (0.26, 0.0),
        "Finance": (0.14, -0.05),
    },
    "Work-Life Balance": {"Poor": (0.15, 0.9), "Fair": (0.3, 0.5), "Good": (0.37, -0.3), "Excellent": (0.18, -0.7)},
    "Job Satisfaction": {"Low": (0.1, 0.6), "Medium": (0.2, 0.2), "High": (0.5, -0.2), "Very High": (0.2, -0.1)},
    "Performance Rating": {
        "Low": (0.05, 0.6),
        "Below Average": (0.15, 0.35),
        "Average": (0.6, -0.05),
        "High": (0.2, -0.1),
    },
    "Number of Promotions": {
        "0": (0.5, 0.2),
        "1": (0.23, 0.05),
        "2": (0.16, -0.3),
        "3": (0.09, -0.6),
        "4": (0.02, -0.8),
    },
    "Overtime": {"No": (0.67, -0.15), "Yes": (0.33, 0.35)},
    "Education Level": {
        "High School": (0.195, 0.1),
        "Associate Degree": (0.25, 0.1),
        "Bachelor\u2019s Degree": (0.3, 0.1),
        "Master\u2019s Degree": (0.205, 0.05),
        "PhD": (0.05, -1.4),
    },
    "Marital Status": {"Married": (0.5, -0.4), "Divorced": (0.15, -0.15), "Single": (0.35, 1.1)},
    "Number of Dependents": {
        "0": (0.31, 0.2),
        "1": (0.24, 0.05),
        "2": (0.22, -0.1),
        "3": (0.13, -0.25),
        "4": (0.07, -0.5),
        "5": (0.02, -0.6),
        "6": (0.01, -0.7),
    },
    "Job Level": {"Entry": (0.4, 0.9), "Mid": (0.4, -0.1), "Senior": (0.2, -1.7)},
    "Company Size": {"Small": (0.2, 0.2), "Medium": (0.5, 0.0), "Large": (0.3, -0.15)},
    "Remote Work": {"No": (0.81, 0.3), "Yes": (0.19, -1.4)},
    "Leadership Opportunities": {"No": (0.95, 0.0), "Yes": (0.05, -0.2)},
    "Innovation Opportunities": {"No": (0.84, 0.0), "Yes": (0.16, -0.15)},
    "Company Reputation": {"Poor": (0.2, 0.5), "Fair": (0.2, 0.3), "Good": (0.5, -0.2), "Excellent": (0.1, -0.35)},
    "Employee Recognition": {
        "Low": (0.4, 0.05),
        "Medium": (0.3, 0.0),
        "High": (0.25, -0.05),
        "Very High": (0.05, -0.1),
    },
}

#: The columns whose categories are words.
WORDED: Final = [name for name, shares in CATEGORIES.items() if not all(word.isdigit() for word in shares)]

MEAN_INCOME: Final = {"Education": 4_600, "Media": 6_000, "Healthcare": 8_000, "Technology": 9_000, "Finance": 8_500}
AGES: Final = (18, 59)
FARTHEST: Final = 99
TENURES: Final = (2, 128)
BASE_LOG_ODDS: Final = -0.36
"""Chosen so that about 47 of 100 employees left, as in the data set."""


class Labels(enum.Enum):
    """Where the Attrition column comes from."""

    REAL = "real"  # drawn from the person's odds of leaving: there is something to learn
    SHUFFLED = "shuffled"  # the same labels, dealt out at random: there is nothing to learn


class Defect(enum.Enum):
    """What is wrong with a dirty row. Every dirty row has exactly one defect; all kinds are equally common."""

    BLANK_CELL = "blank cell"
    IMPOSSIBLE_AGE = "impossible age"
    UNKNOWN_CATEGORY = "unknown category"
    DUPLICATE = "duplicate"
    NEGATIVE_INCOME = "negative income"


Row = list[str]


def employees(rows: int = ROWS, *, seed: int = 7, labels: Labels = Labels.REAL) -> list[Row]:
    """Draw clean rows, each a list of cells in the order of `COLUMNS`.

    Args:
        rows: How many. At least 1.
        seed: The same seed draws the same people.
        labels: Whether Attrition follows from the rest of the row.
    """
    rng = random.Random(seed)
    columns: dict[str, Sequence[str]] = {
        name: rng.choices(list(shares), [share for share, _ in shares.values()], k=rows)
        for name, shares in CATEGORIES.items()
    }
    ages = rng.choices(range(AGES[0], AGES[1] + 1), k=rows)
    years = [1 + int((age - AGES[0] + 1) * rng.random() ** 1.5) for age in ages]
    miles = rng.choices(range(1, FARTHEST + 1), k=rows)
    # Income over the mean of the role; the income itself is written in whole units of money.
    relative_income = [min(max(rng.gauss(1.0, 0.15), 0.4), 1.8) for _ in range(rows)]
    columns["Employee ID"] = [str(number) for number in rng.sample(range(1, rows + 1), rows)]
    columns["Age"] = [str(age) for age in ages]
    columns["Years at Company"] = [str(year) for year in years]
    columns["Distance from Home"] = [str(mile) for mile in miles]
    columns["Company Tenure"] = [str(month) for month in rng.choices(range(TENURES[0], TENURES[1] + 1), k=rows)]
    columns["Monthly Income"] = [
        str(round(MEAN_INCOME[role] * relative))
        for role, relative in zip(columns["Job Role"], relative_income, strict=True)
    ]

    log_odds = [
        BASE_LOG_ODDS + 0.012 * (mile - 50) - 0.015 * (year - 11) - 0.6 * (relative - 1)
        for mile, year, relative in zip(miles, years, relative_income, strict=True)
    ]
    for name, shares in CATEGORIES.items():
        effects = {category: effect for category, (_, effect) in shares.items()}
        log_odds = [total + effects[cell] for total, cell in zip(log_odds, columns[name], strict=True)]
    attrition = ["Left" if rng.random() < 1 / (1 + math.exp(-value)) else "Stayed" for value in log_odds]
    if labels is Labels.SHUFFLED:
        rng.shuffle(attrition)
    columns["Attrition"] = attrition
    return [list(cells) for cells in zip(*(columns[name] for name in COLUMNS), strict=True)]


def spoil(rows: list[Row], fraction: float, *, seed: int = 7) -> dict[int, Defect]:
    """Give a share of the rows one defect each, in place.

    Args:
        rows: Clean rows. Their number stays the same: a duplicate takes the place of another row.
        fraction: Share of the rows to spoil, from 0 to 1.
        seed: The same seed spoils the same rows.

    Returns:
        Position of each dirty row and what is wrong with it.
    """
    # Numbers of its own: the clean rows of a dirty file are those of the clean file.
    rng = random.Random(f"defects-{seed}")
    dirty = rng.sample(range(len(rows)), round(fraction * len(rows)))
    clean = sorted(set(range(len(rows))).difference(dirty))
    # Where every row is dirty there is none to duplicate.
    kinds = [kind for kind in Defect if clean or kind is not Defect.DUPLICATE]
    defects = {position: kinds[count % len(kinds)] for count, position in enumerate(dirty)}
    for position, defect in defects.items():
        row = rows[position]
        match defect:
            case Defect.BLANK_CELL:
                row[rng.randrange(1, len(COLUMNS))] = ""
            case Defect.IMPOSSIBLE_AGE:
                row[COLUMNS.index("Age")] = rng.choice(["-1", "0", "7", "140", "999"])
            case Defect.UNKNOWN_CATEGORY:
                row[COLUMNS.index(rng.choice(WORDED))] = rng.choice(["Unknown", "n/a", "Other", "?"])
            case Defect.DUPLICATE:
                rows[position] = list(rows[rng.choice(clean)])
            case Defect.NEGATIVE_INCOME:
                row[COLUMNS.index("Monthly Income")] = f"-{row[COLUMNS.index('Monthly Income')]}"
            case _:
                assert_never(defect)
    return defects


def generate(
    path: str | Path, *, rows: int = ROWS, seed: int = 7, dirty: float = 0.0, labels: Labels = Labels.REAL
) -> dict[Defect, int]:
    """Write the file and say what is wrong with it.

    Args:
        path: File to write; an existing one is replaced.
        rows: Rows below the header. At least 1.
        seed: The same seed writes the same bytes.
        dirty: Share of dirty rows, from 0 to 1.
        labels: Whether Attrition follows from the rest of the row.

    Returns:
        How many rows have each defect; kinds that do not occur are left out.

    Raises:
        ValueError: ``rows`` is below 1, or ``dirty`` not within 0 and 1.
    """
    if rows < 1:
        raise ValueError(f"rows={rows}: a file has at least 1 row")
    if not 0 <= dirty <= 1:
        raise ValueError(f"dirty={dirty}: expected a share of the rows, from 0 to 1")
    people = employees(rows, seed=seed, labels=labels)
    defects = spoil(people, dirty, seed=seed)
    with Path(path).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(people)
    found = list(defects.values())
    return {kind: found.count(kind) for kind in Defect if kind in found}


def main() -> None:
    """Command line of this file."""
    parser = argparse.ArgumentParser(description="Write a raw employee-attrition CSV file.")
    parser.add_argument("out", type=Path, metavar="OUT.csv")
    parser.add_argument("--rows", type=int, default=ROWS, help="rows below the header (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=7, help="same seed, same bytes (default: %(default)s)")
    parser.add_argument("--dirty", type=float, default=0.0, metavar="FRACTION", help="share of dirty rows, 0 to 1")
    parser.add_argument("--shuffle-labels", action="store_true", help="deal Attrition out at random: nothing to learn")
    asked = parser.parse_args()
    labels = Labels.SHUFFLED if asked.shuffle_labels else Labels.REAL
    try:
        defects = generate(asked.out, rows=asked.rows, seed=asked.seed, dirty=asked.dirty, labels=labels)
    except ValueError as error:
        parser.error(str(error))
    found = ", ".join(f"{count} x {kind.value}" for kind, count in defects.items()) or "none"
    print(f"{asked.out}: {asked.rows} rows; dirty rows: {found}")


if __name__ == "__main__":
    main()
