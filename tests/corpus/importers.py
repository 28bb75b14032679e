"""Importers: of a constant, of an argument, of an output, with metadata; what they name can be read."""

from kfp import dsl
from kfp.dsl import Artifact, Dataset, Input


@dsl.component(base_image="python:3.11")
def where() -> str:
    import os
    import tempfile

    folder = tempfile.mkdtemp()
    with open(os.path.join(folder, "data.txt"), "w") as out:
        out.write("found")
    return os.path.join(folder, "data.txt")


@dsl.component(base_image="python:3.11")
def describe(data: Input[Artifact]) -> list:
    return [type(data).__name__, data.uri.rsplit("/", 1)[-1], data.metadata]


@dsl.component(base_image="python:3.11")
def path_of(data: Input[Dataset]) -> str:
    return data.path


@dsl.pipeline(name="importers")
def pipeline(uri: str = "gs://bucket/folder/given", label: str = "x"):
    constant = dsl.importer(
        artifact_uri="s3://bucket/data.csv",
        artifact_class=Dataset,
        reimport=True,
        metadata={"rows": 3, "tags": ["a", {"b": 1.5}]},
    )
    describe(data=constant.output)
    path_of(data=constant.output)
    given = dsl.importer(artifact_uri=uri, artifact_class=Artifact, metadata={"label": label, "text": f"is {label}"})
    describe(data=given.output)


EXPECTED = {
    "tasks": {
        "importer": "SUCCEEDED",
        "describe": "SUCCEEDED",
        "path-of": "SUCCEEDED",
        "importer-2": "SUCCEEDED",
        "describe-2": "SUCCEEDED",
    },
    "parameters": {
        "describe.Output": ["Dataset", "data.csv", {"rows": 3, "tags": ["a", {"b": 1.5}]}],
        "path-of.Output": "/s3/bucket/data.csv",
        "describe-2.Output": ["Artifact", "given", {"label": "x", "text": "is x"}],
    },
    "artifacts": {
        "importer.artifact": [{"type": "Dataset", "metadata": {"rows": 3, "tags": ["a", {"b": 1.5}]}}],
        "importer-2.artifact": [{"type": "Artifact", "metadata": {"label": "x", "text": "is x"}}],
    },
}
