from typing import NamedTuple

from kfp import dsl


class Table(dsl.Artifact):
    schema_title = "system.Table"
    schema_version = "0.1.0"


class Shapes:
    class Cube(dsl.Dataset):
        schema_title = "google.Cube"


@dsl.component(base_image="python:3.11")
def make(out: dsl.Output[Table], cube: dsl.Output[Shapes.Cube]):
    out.metadata["cube"] = cube.uri


@dsl.component(base_image="python:3.11")
def read(table: dsl.Input[Table], again: dsl.Input[Table]) -> int:
    return len(table.metadata) + len(again.metadata)


@dsl.component(base_image="python:3.11")
def several() -> NamedTuple("Outputs", [("table", Table), ("n", int)]):
    return (Table(uri="x"), 1)


@dsl.component(base_image="python:3.11")
def single() -> Table:
    return Table(uri="x")


@dsl.pipeline
def custom_artifacts() -> Table:
    made = make()
    read(table=made.outputs["out"], again=single().output)
    return several().outputs["table"]
