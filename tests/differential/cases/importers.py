from kfp import dsl


@dsl.component(base_image="python:3.11")
def say(text: str) -> str:
    return text


@dsl.component(base_image="python:3.11")
def read(data: dsl.Input[dsl.Dataset]) -> int:
    return data.metadata["rows"]


@dsl.pipeline
def importers(uri: str, label: str = "x", n: int = 1) -> dsl.Artifact:
    constant = dsl.importer(
        artifact_uri="gs://bucket/data.csv",
        artifact_class=dsl.Dataset,
        reimport=True,
        metadata={"rows": 3, "tags": ["a", {"b": 1.5}]},
    )
    read(data=constant.output)
    dsl.importer(artifact_uri=uri, artifact_class=dsl.Model)
    said = say(text="where")
    dsl.importer(
        artifact_uri=said.output, artifact_class=dsl.Dataset, metadata={"label": label, "text": f"is {label}", "n": n}
    )
    return dsl.importer(artifact_uri="gs://a", artifact_class=dsl.Artifact).output
