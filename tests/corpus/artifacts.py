"""Artifacts with names, metadata and contents pass from task to task."""

from kfp import dsl
from kfp.dsl import Dataset, Input, Model, Output


@dsl.component(base_image="python:3.11")
def generate(rows: int, data: Output[Dataset]):
    with open(data.path, "w") as out:
        out.writelines(f"{n}\n" for n in range(rows))
    data.metadata["rows"] = rows
    data.metadata["origin"] = {"made": ["here", 1, 0.5, True]}


@dsl.component(base_image="python:3.11")
def train(data: Input[Dataset], model: Output[Model]) -> int:
    with open(data.path) as rows:
        total = sum(int(row) for row in rows)
    with open(model.path, "w") as out:
        out.write(f"sum={total}")
    model.framework = "arithmetic"
    model.metadata["rows"] = data.metadata["rows"]
    assert data.metadata["origin"] == {"made": ["here", 1, 0.5, True]}
    return total


@dsl.component(base_image="python:3.11")
def predict(model: Input[Model]) -> str:
    assert isinstance(model, dsl.Model)
    with open(model.path) as found:
        return f"{model.framework}: {found.read()}"


@dsl.pipeline(name="artifacts")
def pipeline(rows: int = 4):
    made = generate(rows=rows)
    trained = train(data=made.outputs["data"])
    predict(model=trained.outputs["model"])


EXPECTED = {
    "tasks": {"generate": "SUCCEEDED", "train": "SUCCEEDED", "predict": "SUCCEEDED"},
    "parameters": {"train.Output": 6, "predict.Output": "arithmetic: sum=6"},
    "artifacts": {
        "generate.data": [
            {
                "type": "Dataset",
                "content": "0\n1\n2\n3\n",
                "metadata": {"rows": 4, "origin": {"made": ["here", 1, 0.5, True]}},
            }
        ],
        "train.model": [{"type": "Model", "content": "sum=6", "metadata": {"framework": "arithmetic", "rows": 4}}],
    },
}
