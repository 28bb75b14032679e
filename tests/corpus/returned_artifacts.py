"""Functions that take and return artifacts as plain annotations."""

from typing import NamedTuple

from kfp import dsl
from kfp.dsl import Artifact, Dataset, Model


@dsl.component(base_image="python:3.11")
def make(text: str) -> Dataset:
    data = Dataset(uri=dsl.get_uri(), metadata={"length": len(text)})
    with open(data.path, "w") as out:
        out.write(text)
    return data


@dsl.component(base_image="python:3.11")
def as_text(data: Dataset) -> Artifact:
    with open(data.path) as found:
        return found.read().upper()


@dsl.component(base_image="python:3.11")
def both(data: Dataset) -> NamedTuple("Outputs", model=Model, size=int):
    outputs = NamedTuple("Outputs", model=Model, size=int)
    model = Model(uri=dsl.get_uri("model"), metadata={"of": data.metadata["length"]})
    with open(model.path, "w") as out:
        out.write("weights")
    return outputs(model=model, size=data.metadata["length"])


@dsl.pipeline(name="returned-artifacts")
def pipeline(text: str = "some rows") -> Model:
    made = make(text=text)
    as_text(data=made.output)
    return both(data=made.output).outputs["model"]


EXPECTED = {
    "tasks": {"make": "SUCCEEDED", "as-text": "SUCCEEDED", "both": "SUCCEEDED"},
    "parameters": {"both.size": 9},
    "artifacts": {
        "make.Output": [{"type": "Dataset", "content": "some rows", "metadata": {"length": 9}}],
        "as-text.Output": [{"type": "Artifact", "content": "SOME ROWS"}],
        "both.model": [{"type": "Model", "content": "weights", "metadata": {"of": 9}}],
    },
}
