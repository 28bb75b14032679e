"""Calls the example's components one after the other and prints what came of it as JSON.

Run by test_employee_attrition_quality in an environment that holds kfp and what the components ask for:

    python employee_attrition_by_hand.py PIPELINE.py FOLDER NAME=RAW.csv ...

PIPELINE.py is the example with kfp's dsl in place of ours, so every component meets the artifact classes that it
would meet on Kubeflow Pipelines.
"""

import csv
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

from kfp import dsl

GRID = [(0.0001, "lbfgs"), (0.01, "newton-cholesky")]


def load(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location("employee_attrition_pipeline", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Run:
    """One data set's way through the components. Each artifact is a file of that name in ``folder``."""

    def __init__(self, pipeline: ModuleType, source: str, folder: Path) -> None:
        self.pipeline = pipeline
        self.source = source
        self.folder = folder
        folder.mkdir()

    def artifact(self, name: str, kind: type[dsl.Artifact] = dsl.Dataset) -> dsl.Artifact:
        return kind(name=name, uri=str(self.folder / name), metadata={})

    def text(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    def rows(self, name: str) -> list[dict[str, str]]:
        return list(csv.DictReader(self.text(name).splitlines()))

    def validated(self, allowed: float) -> tuple[dsl.Artifact, dsl.Artifact]:
        raw, failures = self.artifact("raw"), self.artifact("failures")
        self.pipeline.ingest.python_func(source=self.source, source_sha256="", raw=raw)
        self.pipeline.validate.python_func(
            raw=raw, max_invalid_fraction=allowed, failures=failures, report=self.artifact("validation", dsl.Markdown)
        )
        return raw, failures

    def refusal(self) -> str:
        try:
            self.validated(0.0)
        except ValueError as error:
            return str(error)
        return ""

    def figures(self) -> dict[str, object]:
        do = self.pipeline
        raw, failures = self.validated(1.0)
        cleaned, counts = self.artifact("cleaned"), self.artifact("counts", dsl.Metrics)
        do.clean.python_func(raw=raw, failures=failures, cleaned=cleaned, counts=counts)
        features, train, test = (self.artifact(name) for name in ("features", "train", "test"))
        do.engineer_features.python_func(cleaned=cleaned, features=features)
        do.preprocess.python_func(features=features, test_fraction=0.2, train=train, test=test)

        models = [self.artifact(f"model-{place}", dsl.Model) for place in range(len(GRID))]
        aucs = [
            do.train_model.python_func(c=c, solver=solver, train=train, model=model)
            for (c, solver), model in zip(GRID, models, strict=True)
        ]
        best = self.artifact("best", dsl.Model)
        do.select_best.python_func(models=models, aucs=aucs, best=best)

        metrics, curves = self.artifact("metrics", dsl.Metrics), self.artifact("curves", dsl.ClassificationMetrics)
        auc, recall_left = do.evaluate.python_func(
            model=best,
            test=test,
            metrics=metrics,
            curves=curves,
            report=self.artifact("report", dsl.Markdown),
            importance=self.artifact("importance", dsl.HTML),
        )
        registered = self.artifact("registered", dsl.Model)
        do.register.python_func(model=best, auc=auc, model_name="employee-attrition", registered=registered)
        return {
            "auc": auc,
            "recall_left": recall_left,
            "validation_aucs": aucs,
            "best": best.metadata,
            "counts": counts.metadata,
            "failures": self.rows("failures"),
            "validation": self.text("validation"),
            "cleaned": self.rows("cleaned")[:1000],
            "train": train.metadata,
            "test": test.metadata,
            "metrics": metrics.metadata,
            "curves": curves.metadata,
            "report": self.text("report"),
            "importance": self.text("importance"),
            "registered": registered.metadata,
            "same_model": (self.folder / "registered").read_bytes() == (self.folder / "best").read_bytes(),
        }


def main() -> None:
    pipeline = load(sys.argv[1])
    results = {}
    for argument in sys.argv[3:]:
        name, source = argument.split("=", 1)
        run = Run(pipeline, source, Path(sys.argv[2]) / name)
        results[name] = {"refusal": run.refusal(), **run.figures()}
    (Path(sys.argv[2]) / "results.json").write_text(json.dumps(results), encoding="utf-8")


if __name__ == "__main__":
    main()
