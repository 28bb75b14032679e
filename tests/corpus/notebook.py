"""A notebook is a component: it is run with the arguments of the task, and what it prints is in the log."""

from pathlib import Path

from kfp import dsl
from kfp.dsl import Dataset, Output

NOTEBOOK = Path(__file__).parent / "assets" / "report.ipynb"


@dsl.notebook_component(notebook_path=str(NOTEBOOK), base_image="python:3.11")
def report(rows: int, data: Output[Dataset]) -> int:
    dsl.run_notebook(rows=rows, target=data.path)
    with open(data.path) as found:
        return len(found.read())


@dsl.pipeline(name="notebook")
def pipeline(rows: int = 3):
    report(rows=rows)


EXPECTED = {
    "tasks": {"report": "SUCCEEDED"},
    "parameters": {"report.Output": 3},
    "artifacts": {"report.data": [{"type": "Dataset", "content": "xxx"}]},
    "logs": {"report": "rows 3"},
}
