"""Who will leave? A pipeline from a raw file of employees to a registered model.

Every component is self-contained: its imports stand inside the function, its packages beside it. Change the
import below to `from kfp import dsl` and the same file runs on Kubeflow Pipelines.

    wherry run pipeline.py --param source=/data/raw.csv
"""

from typing import NamedTuple

from wherry import dsl

PYTHON = "python:3.11"
PANDAS = "pandas>=2.3,<3"
PANDERA = "pandera>=0.24,<1"
SCIKIT_LEARN = "scikit-learn>=1.6,<2"


@dsl.component(base_image=PYTHON)
def ingest(source: str, source_sha256: str, raw: dsl.Output[dsl.Dataset]) -> int:
    """Take a copy of the raw file and count its rows.

    A task is reused when its inputs are the same, and a path stays the same when the file behind it changes:
    whoever edits the file names its new digest.

    Args:
        source: Absolute path of a CSV file with a header.
        source_sha256: The file's SHA-256 in hexadecimal; empty if any content will do.
        raw: The copy.

    Returns:
        Number of rows below the header.
    """
    import csv
    import hashlib
    import shutil
    from pathlib import Path

    if not Path(source).is_absolute() or not Path(source).is_file():
        raise FileNotFoundError(f"source={source!r}: expected the absolute path of a CSV file that this task can read")
    shutil.copyfile(source, raw.path)
    with Path(raw.path).open("rb") as copy:
        digest = hashlib.file_digest(copy, "sha256").hexdigest()
    if source_sha256 and digest != source_sha256.lower():
        raise ValueError(f"source={source!r} has SHA-256 {digest}, but source_sha256 says {source_sha256!r}")
    with Path(raw.path).open(newline="", encoding="utf-8") as copy:
        rows = sum(1 for _ in csv.reader(copy)) - 1
    raw.metadata.update({"rows": rows, "sha256": digest, "source": source})
    print(f"{rows} rows from {source}")
    return rows


@dsl.component(base_image=PYTHON, packages_to_install=[PANDAS, PANDERA])
def validate(
    raw: dsl.Input[dsl.Dataset],
    max_invalid_fraction: float,
    failures: dsl.Output[dsl.Dataset],
    report: dsl.Output[dsl.Markdown],
) -> int:
    """Hold every row against the rules; fail, naming rows, when too many of them are invalid.

    Args:
        raw: The raw file.
        max_invalid_fraction: Share of the rows that may be invalid, 0 to 1. They are left to `clean`.
        failures: One line per broken rule: row (1 is the first below the header), Employee ID, column, value, rule.
        report: The same for people: counts per rule and the first rows.

    Returns:
        Number of invalid rows.
    """
    import math
    from pathlib import Path

    import pandas as pd
    import pandera.pandas as pa

    shown = 20
    numbers = {
        "Employee ID": (1, 10_000_000),
        "Age": (18, 70),
        "Years at Company": (0, 52),
        "Monthly Income": (500, 100_000),
        "Number of Promotions": (0, 10),
        "Distance from Home": (0, 500),
        "Number of Dependents": (0, 20),
        "Company Tenure": (0, 720),
    }
    yes_no = ["Yes", "No"]
    words = {
        "Gender": ["Male", "Female"],
        "Job Role": ["Education", "Media", "Healthcare", "Technology", "Finance"],
        "Work-Life Balance": ["Poor", "Fair", "Good", "Excellent"],
        "Job Satisfaction": ["Low", "Medium", "High", "Very High"],
        "Performance Rating": ["Low", "Below Average", "Average", "High"],
        "Overtime": yes_no,
        "Education Level": ["High School", "Associate Degree", "Bachelor\u2019s Degree", "Master\u2019s Degree", "PhD"],
        "Marital Status": ["Married", "Divorced", "Single"],
        "Job Level": ["Entry", "Mid", "Senior"],
        "Company Size": ["Small", "Medium", "Large"],
        "Remote Work": yes_no,
        "Leadership Opportunities": yes_no,
        "Innovation Opportunities": yes_no,
        "Company Reputation": ["Poor", "Fair", "Good", "Excellent"],
        "Employee Recognition": ["Low", "Medium", "High", "Very High"],
        "Attrition": ["Stayed", "Left"],
    }
    rules = {name: f"a number from {low} to {high}" for name, (low, high) in numbers.items()}
    rules |= {name: f"one of {', '.join(known)}" for name, known in words.items()}

    # Cells are read as they stand, so that the report can show them.
    cells = pd.read_csv(raw.path, dtype=str, keep_default_na=False)
    if missing := [name for name in rules if name not in cells.columns]:
        raise ValueError(f"the raw file has no column {', '.join(map(repr, missing))}; it has {list(cells.columns)}")

    schema = pa.DataFrameSchema(
        {name: pa.Column(float, pa.Check.in_range(*bounds)) for name, bounds in numbers.items()}
        | {name: pa.Column(str, pa.Check.isin(known)) for name, known in words.items()}
    )
    schema.columns["Employee ID"].unique = True
    schema.columns["Employee ID"].report_duplicates = "exclude_first"
    typed = cells.assign(**{name: pd.to_numeric(cells[name], errors="coerce").astype(float) for name in numbers})
    found = pd.DataFrame({"index": [], "column": [], "check": []})
    try:
        schema.validate(typed, lazy=True)
    except pa.errors.SchemaErrors as errors:
        found = errors.failure_cases

    # A cell that is no number breaks two of pandera's checks, but one rule of ours.
    found = found.astype({"index": int}).drop_duplicates(["index", "column"]).sort_values(["index", "column"])
    broken = pd.DataFrame(
        {
            "row": found["index"] + 1,
            "Employee ID": cells["Employee ID"].loc[found["index"]].to_numpy(),
            "column": found["column"],
            "value": [cells[name].iat[row] for row, name in zip(found["index"], found["column"], strict=True)],
            "rule": [
                "an Employee ID that no earlier row has" if check == "field_uniqueness" else rules[name]
                for name, check in zip(found["column"], found["check"], strict=True)
            ],
        }
    )
    broken.to_csv(failures.path, index=False)
    invalid, total = broken["row"].nunique(), len(cells)
    fraction = invalid / total if total else 0.0
    summary = f"{invalid} of {total} rows ({fraction:.2%}) are invalid; max_invalid_fraction={max_invalid_fraction}"
    failures.metadata.update({"invalid_rows": invalid, "rows": total})

    # The report comes before the verdict: a failed validation is when it is needed most.
    def table(lines: list[list[object]]) -> list[str]:
        escaped = [[str(cell).replace("|", "\\|") or "(blank)" for cell in line] for line in lines]
        return [f"| {' | '.join(line)} |" for line in [escaped[0], ["---"] * len(escaped[0]), *escaped[1:]]]

    counts = broken.groupby(["column", "rule"]).size().sort_values(ascending=False)
    by_rule = [["column", "expected", "rows"], *([*rule, count] for rule, count in counts.items())]
    first_rows = [list(broken.columns), *broken.head(shown).to_numpy().tolist()]
    lines = ["# Validation", "", f"{summary}.", "", "## Broken rules", "", *table(by_rule)]
    lines += ["", f"## First {shown}", "", *table(first_rows), ""]
    Path(report.path).write_text("\n".join(lines), encoding="utf-8")

    if fraction > max_invalid_fraction:
        named = [
            f"  row {row}, Employee ID {employee}: {column} is {value or 'blank'}, expected {rule}"
            for row, employee, column, value, rule in broken.head(shown).itertuples(index=False)
        ]
        if len(broken) > shown:
            named.append(f"  ... and {len(broken) - shown} more")
        raise ValueError(
            f"{summary}.\n" + "\n".join(named) + "\nMend these rows, or set the parameter max_invalid_fraction to"
            f" {math.ceil(fraction * 100) / 100} or more to have them repaired or dropped."
        )
    print(summary)
    return invalid


@dsl.component(base_image=PYTHON, packages_to_install=[PANDAS])
def clean(
    raw: dsl.Input[dsl.Dataset],
    failures: dsl.Input[dsl.Dataset],
    cleaned: dsl.Output[dsl.Dataset],
    counts: dsl.Output[dsl.Metrics],
) -> None:
    """Repair the invalid rows that can be repaired, and drop the others, duplicates among them.

    Args:
        raw: The raw file.
        failures: What `validate` found.
        cleaned: The valid rows. An income with the wrong sign is repaired; nothing else is guessed.
        counts: Rows read, repaired, dropped and written.
    """
    import pandas as pd

    people = pd.read_csv(raw.path, dtype=str, keep_default_na=False)
    broken = pd.read_csv(failures.path, dtype={"value": str}, keep_default_na=False)

    alone = ~broken["row"].duplicated(keep=False)
    wrong_sign = (broken["column"] == "Monthly Income") & broken["value"].str.startswith("-")
    repairable = broken.loc[alone & wrong_sign, "row"] - 1
    dropped = set(broken["row"] - 1).difference(repairable)

    people.loc[repairable, "Monthly Income"] = people.loc[repairable, "Monthly Income"].str.lstrip("-")
    kept = people.drop(index=sorted(dropped))
    kept.to_csv(cleaned.path, index=False)
    cleaned.metadata["rows"] = len(kept)
    for name, count in {
        "rows_read": len(people),
        "rows_repaired": len(repairable),
        "rows_dropped": len(dropped),
        "rows_written": len(kept),
    }.items():
        counts.log_metric(name, count)


@dsl.component(base_image=PYTHON, packages_to_install=[PANDAS])
def engineer_features(cleaned: dsl.Input[dsl.Dataset], features: dsl.Output[dsl.Dataset]) -> None:
    """Turn words that have an order into numbers, numbers into bands, and pairs of numbers into ratios.

    Nothing here is learnt from the rows, so it may be done before the split.

    Args:
        cleaned: Valid rows in the raw shape.
        features: One column per feature, and ``left``: 1 for who left, 0 for who stayed.
    """
    import pandas as pd

    scales = {
        "Work-Life Balance": ["Poor", "Fair", "Good", "Excellent"],
        "Job Satisfaction": ["Low", "Medium", "High", "Very High"],
        "Performance Rating": ["Low", "Below Average", "Average", "High"],
        "Education Level": ["High School", "Associate Degree", "Bachelor\u2019s Degree", "Master\u2019s Degree", "PhD"],
        "Job Level": ["Entry", "Mid", "Senior"],
        "Company Size": ["Small", "Medium", "Large"],
        "Company Reputation": ["Poor", "Fair", "Good", "Excellent"],
        "Employee Recognition": ["Low", "Medium", "High", "Very High"],
    }
    flags = ["Overtime", "Remote Work", "Leadership Opportunities", "Innovation Opportunities"]
    as_they_are = [
        "Age",
        "Years at Company",
        "Monthly Income",
        "Number of Promotions",
        "Distance from Home",
        "Number of Dependents",
        "Company Tenure",
        "Gender",
        "Job Role",
        "Marital Status",
    ]

    people = pd.read_csv(cleaned.path)
    table = people[as_they_are].copy()
    for name, scale in scales.items():
        table[name] = people[name].map({word: rank for rank, word in enumerate(scale)})
    for name in flags:
        table[name] = (people[name] == "Yes").astype(int)

    table["Age Band"] = pd.cut(people["Age"], [0, 25, 35, 45, 55, 120], labels=["<=25", "<=35", "<=45", "<=55", ">55"])
    table["Commute Band"] = pd.cut(
        people["Distance from Home"], [-1, 10, 30, 60, 1000], labels=["near", "fair", "far", "very far"]
    )
    table["Has PhD"] = (people["Education Level"] == "PhD").astype(int)
    table["Promotions per Year"] = (people["Number of Promotions"] / (people["Years at Company"] + 1)).round(4)
    table["Share of Career Here"] = (people["Years at Company"] / (people["Age"] - 17)).round(4)
    table["Income per Head"] = (people["Monthly Income"] / (people["Number of Dependents"] + 1)).round(1)

    table.columns = [name.lower().replace(" ", "_").replace("-", "_") for name in table.columns]
    table["left"] = (people["Attrition"] == "Left").astype(int)
    table.to_csv(features.path, index=False)
    features.metadata.update({"rows": len(table), "features": table.shape[1] - 1})


@dsl.component(base_image=PYTHON, packages_to_install=[PANDAS, SCIKIT_LEARN])
def preprocess(
    features: dsl.Input[dsl.Dataset],
    test_fraction: float,
    train: dsl.Output[dsl.Dataset],
    test: dsl.Output[dsl.Dataset],
) -> None:
    """Split the rows in two with the same share of leavers in both.

    Args:
        features: Features and ``left``.
        test_fraction: Share of the rows set aside for `evaluate`, between 0 and 1.
        train: Rows to learn from.
        test: Rows that no training sees.
    """
    import pandas as pd
    from sklearn.model_selection import train_test_split

    table = pd.read_csv(features.path)
    parts = train_test_split(table, test_size=test_fraction, stratify=table["left"], random_state=7)
    for part, artifact in zip(parts, [train, test], strict=True):
        part.to_csv(artifact.path, index=False)
        artifact.metadata.update({"rows": len(part), "share_left": round(float(part["left"].mean()), 4)})


@dsl.component(base_image=PYTHON, packages_to_install=[PANDAS, SCIKIT_LEARN])
def train_model(c: float, solver: str, train: dsl.Input[dsl.Dataset], model: dsl.Output[dsl.Model]) -> float:
    """Fit a logistic regression and say how well it does on rows it has not seen.

    Scaling and one-hot encoding are steps of the model, so they too are fitted on the training rows alone,
    within each fold, and travel with it.

    Args:
        c: Inverse strength of the regularisation, above 0.
        solver: A solver of scikit-learn's LogisticRegression.
        train: Features and ``left``.
        model: The fitted scikit-learn pipeline, written by joblib.

    Returns:
        Area under the ROC curve, mean of three folds.
    """
    import joblib
    import pandas as pd
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    table = pd.read_csv(train.path)
    x, y = table.drop(columns="left"), table["left"]
    encoder = make_column_transformer(
        (StandardScaler(), make_column_selector(dtype_include="number")),
        (OneHotEncoder(drop="first", sparse_output=False), make_column_selector(dtype_exclude="number")),
    )
    candidate = make_pipeline(encoder, LogisticRegression(C=c, solver=solver, max_iter=1000))
    auc = float(cross_val_score(candidate, x, y, cv=3, scoring="roc_auc").mean())
    candidate.fit(x, y)

    joblib.dump(candidate, model.path)
    model.metadata.update({"framework": "scikit-learn", "C": c, "solver": solver, "validation_auc": auc})
    print(f"C={c} solver={solver}: validation AUC {auc:.4f}")
    return auc


@dsl.component(base_image=PYTHON)
def select_best(models: dsl.Input[list[dsl.Model]], aucs: list[float], best: dsl.Output[dsl.Model]) -> None:
    """Keep the candidate with the highest validation AUC; of equals, the first.

    Args:
        models: The candidates, in the order of the grid.
        aucs: Their validation AUCs, in the same order.
        best: A copy of the winner.
    """
    import shutil

    for model, auc in zip(models, aucs, strict=True):
        print(f"{auc:.4f}  C={model.metadata['C']} solver={model.metadata['solver']}")
    winner = models[aucs.index(max(aucs))]
    shutil.copyfile(winner.path, best.path)
    best.metadata.update(winner.metadata)


@dsl.component(base_image=PYTHON, packages_to_install=[PANDAS, SCIKIT_LEARN])
def evaluate(
    model: dsl.Input[dsl.Model],
    test: dsl.Input[dsl.Dataset],
    metrics: dsl.Output[dsl.Metrics],
    curves: dsl.Output[dsl.ClassificationMetrics],
    report: dsl.Output[dsl.Markdown],
    importance: dsl.Output[dsl.HTML],
) -> NamedTuple("Evaluation", [("auc", float), ("recall_left", float)]):
    """Measure the model on the rows set aside.

    Args:
        model: A fitted scikit-learn pipeline that ends in a linear classifier.
        test: Features and ``left``.
        metrics: auc, accuracy, and precision, recall and F1 of Left.
        curves: Confusion matrix and ROC curve.
        report: The same as a page.
        importance: The largest coefficients, drawn as bars.

    Returns:
        Area under the ROC curve, and the share of the leavers that the model finds.
    """
    import html
    from pathlib import Path

    import joblib
    import numpy as np
    import pandas as pd
    from sklearn import metrics as score

    table = pd.read_csv(test.path)
    x, y = table.drop(columns="left"), table["left"]
    fitted = joblib.load(model.path)
    chances, left = fitted.predict_proba(x)[:, 1], fitted.predict(x)

    values = {
        "auc": score.roc_auc_score(y, chances),
        "accuracy": score.accuracy_score(y, left),
        "precision_left": score.precision_score(y, left),
        "recall_left": score.recall_score(y, left),
        "f1_left": score.f1_score(y, left),
    }
    values = {name: round(float(value), 4) for name, value in values.items()}
    for name, value in values.items():
        metrics.log_metric(name, value)

    matrix = score.confusion_matrix(y, left).tolist()
    curves.log_confusion_matrix(["Stayed", "Left"], matrix)
    false_positive_rate, true_positive_rate, thresholds = score.roc_curve(y, chances)
    # The first threshold is infinite, which JSON cannot say; 100 points draw the curve as well as thousands.
    thresholds[0] = 1.0
    points = np.unique(np.linspace(0, len(thresholds) - 1, 100).astype(int))
    curves.log_roc_curve(
        false_positive_rate[points].tolist(), true_positive_rate[points].tolist(), thresholds[points].tolist()
    )

    chosen = {name: model.metadata[name] for name in ("C", "solver", "validation_auc") if name in model.metadata}
    lines = ["# Employee attrition: evaluation", "", f"{len(table)} rows that no training has seen.", ""]
    lines += ["| metric | value |", "| --- | ---: |", *(f"| {name} | {value:.4f} |" for name, value in values.items())]
    lines += ["", "| | predicted Stayed | predicted Left |", "| --- | ---: | ---: |"]
    lines += [f"| {name} | {a} | {b} |" for name, (a, b) in zip(["Stayed", "Left"], matrix, strict=True)]
    lines += ["", "Model: logistic regression, " + ", ".join(f"{name}={value}" for name, value in chosen.items()), ""]
    Path(report.path).write_text("\n".join(lines), encoding="utf-8")

    names = [name.split("__", 1)[1] for name in fitted[0].get_feature_names_out()]
    ranked = sorted(zip(names, fitted[-1].coef_[0], strict=True), key=lambda pair: -abs(pair[1]))[:15]
    scale = 180 / abs(ranked[0][1])
    bars = []
    for place, (name, weight) in enumerate(ranked):
        length, top = abs(weight) * scale, 24 * place
        colour, start = ("#c2410c", 440) if weight > 0 else ("#1d4ed8", 440 - length)
        bars.append(
            f'<text x="235" y="{top + 16}" text-anchor="end">{html.escape(name)}</text>'
            f'<rect x="{start:.1f}" y="{top + 4}" width="{length:.1f}" height="16" fill="{colour}">'
            f"<title>{html.escape(name)}: {weight:+.3f}</title></rect>"
            f'<text x="635" y="{top + 16}">{weight:+.2f}</text>'
        )
    Path(importance.path).write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Feature importance</title>'
        "<h1>What makes people leave</h1><p>Effect on the log-odds of leaving of one standard deviation,"
        ' or of belonging to the category. Right: towards leaving. Left: towards staying.</p><svg role="img"'
        f' viewBox="0 0 700 {24 * len(bars)}" width="700" font-family="sans-serif" font-size="13"'
        f' aria-label="Feature importance">{"".join(bars)}</svg></html>',
        encoding="utf-8",
    )
    return values["auc"], values["recall_left"]


@dsl.component(base_image=PYTHON)
def register(model: dsl.Input[dsl.Model], auc: float, model_name: str, registered: dsl.Output[dsl.Model]) -> None:
    """Give the model a name: the next free version of it is taken when this task's result is published.

    Args:
        model: The model to register.
        auc: Area under the ROC curve on the test rows, kept beside it.
        model_name: The name, as in "employee-attrition v1".
        registered: A copy of the model. Its metadata key ``wherry.model_name`` is what registers it; Kubeflow
            Pipelines shows the key as it shows any other.
    """
    import shutil

    shutil.copyfile(model.path, registered.path)
    registered.metadata.update(model.metadata)
    registered.metadata.update({"wherry.model_name": model_name, "test_auc": auc})


@dsl.pipeline(name="employee-attrition", description="From a raw file of employees to a registered model.")
def employee_attrition(
    source: str,
    source_sha256: str = "",
    max_invalid_fraction: float = 0.0,
    test_fraction: float = 0.2,
    grid: list = [  # noqa: B006  the compiled default, never changed
        {"C": 0.0001, "solver": "lbfgs"},
        {"C": 0.01, "solver": "newton-cholesky"},
        {"C": 1.0, "solver": "lbfgs"},
        {"C": 100.0, "solver": "newton-cholesky"},
    ],
    min_auc: float = 0.75,
    model_name: str = "employee-attrition",
) -> None:
    """From a raw file of employees to a registered model.

    Args:
        source: Absolute path of the raw CSV file.
        source_sha256: Its SHA-256, to be given when a file at the same path has changed.
        max_invalid_fraction: Share of invalid rows, 0 to 1, above which the run fails.
        test_fraction: Share of the rows set aside for evaluation.
        grid: Candidates: each a C and a solver of scikit-learn's LogisticRegression.
        min_auc: A model below this area under the ROC curve is not registered.
        model_name: Name under which the model is registered.
    """
    ingested = ingest(source=source, source_sha256=source_sha256)
    validated = validate(raw=ingested.outputs["raw"], max_invalid_fraction=max_invalid_fraction)
    cleaned = clean(raw=ingested.outputs["raw"], failures=validated.outputs["failures"])
    engineered = engineer_features(cleaned=cleaned.outputs["cleaned"])
    split = preprocess(features=engineered.outputs["features"], test_fraction=test_fraction)

    with dsl.ParallelFor(grid) as candidate:
        trained = train_model(c=candidate.C, solver=candidate.solver, train=split.outputs["train"])

    best = select_best(
        models=dsl.Collected(trained.outputs["model"]),
        aucs=dsl.Collected(trained.outputs["Output"]),
    )
    evaluated = evaluate(model=best.outputs["best"], test=split.outputs["test"])

    with dsl.If(evaluated.outputs["auc"] >= min_auc, name="good-enough"):
        register(model=best.outputs["best"], auc=evaluated.outputs["auc"], model_name=model_name)
