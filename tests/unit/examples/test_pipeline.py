"""The components of the employee-attrition example that need the standard library alone.

The others are measured in tests/e2e, where their packages are installed.
"""

import hashlib
import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from wherry import dsl

FILE = Path(__file__).parents[3] / "examples" / "employee_attrition" / "pipeline.py"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("employee_attrition_pipeline", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


pipeline = load()


def artifact(kind: type[dsl.Artifact], path: Path, **metadata) -> dsl.Artifact:
    return kind(name=path.name, uri=str(path), metadata=metadata)


def candidates(folder: Path, *names: str) -> list[dsl.Artifact]:
    for name in names:
        (folder / name).write_text(name)
    return [artifact(dsl.Model, folder / name, C=place, solver="lbfgs") for place, name in enumerate(names)]


def ingested(source: Path | str, copy: Path, source_sha256: str = "") -> tuple[int, dsl.Artifact]:
    raw = artifact(dsl.Dataset, copy)
    return pipeline.ingest.python_func(source=str(source), source_sha256=source_sha256, raw=raw), raw


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "raw.csv"
    file.write_text('name,age\n"Ada,\nCountess",36\nBob,40\n')
    return file


def test_ingest_counts_rows_and_not_lines(source: Path, tmp_path: Path) -> None:
    assert ingested(source, tmp_path / "copy")[0] == 2


def test_ingest_keeps_a_copy_and_its_digest(source: Path, tmp_path: Path) -> None:
    raw = ingested(source, tmp_path / "copy")[1]

    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    assert (Path(raw.path).read_bytes(), raw.metadata) == (
        source.read_bytes(),
        {"rows": 2, "sha256": digest, "source": str(source)},
    )


def test_ingest_accepts_the_digest_of_the_file_in_either_case(source: Path, tmp_path: Path) -> None:
    digest = hashlib.sha256(source.read_bytes()).hexdigest().upper()

    assert ingested(source, tmp_path / "copy", digest)[0] == 2


def test_ingest_refuses_a_file_with_another_digest(source: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="but source_sha256 says 'abc'"):
        ingested(source, tmp_path / "copy", "abc")


@pytest.mark.parametrize("path", ["raw.csv", "/nowhere/raw.csv"])
def test_ingest_wants_the_absolute_path_of_a_file(path: str, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=f"source='{path}': expected the absolute path of a CSV file"):
        ingested(path, tmp_path / "copy")


def test_the_candidate_with_the_highest_auc_is_copied_with_its_metadata(tmp_path: Path) -> None:
    best = artifact(dsl.Model, tmp_path / "best")
    pipeline.select_best.python_func(models=candidates(tmp_path, "a", "b", "c"), aucs=[0.7, 0.9, 0.8], best=best)

    assert (Path(best.path).read_text(), best.metadata) == ("b", {"C": 1, "solver": "lbfgs"})


def test_of_equal_candidates_the_first_is_selected(tmp_path: Path) -> None:
    best = artifact(dsl.Model, tmp_path / "best")
    pipeline.select_best.python_func(models=candidates(tmp_path, "a", "b"), aucs=[0.8, 0.8], best=best)

    assert Path(best.path).read_text() == "a"


def test_a_registered_model_is_a_copy_that_carries_its_name(tmp_path: Path) -> None:
    (model,) = candidates(tmp_path, "a")
    registered = artifact(dsl.Model, tmp_path / "registered")
    pipeline.register.python_func(model=model, auc=0.83, model_name="attrition", registered=registered)

    assert (Path(registered.path).read_text(), registered.metadata) == (
        "a",
        {"C": 0, "solver": "lbfgs", "wherry.model_name": "attrition", "test_auc": 0.83},
    )
