"""A compiled pipeline, loaded from its YAML, is a component of another."""

import tempfile
from pathlib import Path

from kfp import compiler, components, dsl


@dsl.component(base_image="python:3.11")
def add(a: int, b: int) -> int:
    return a + b


@dsl.pipeline(name="inner")
def inner(a: int, b: int = 10) -> int:
    return add(a=a, b=b).output


with tempfile.TemporaryDirectory() as folder:
    path = str(Path(folder) / "inner.yaml")
    compiler.Compiler().compile(inner, path)
    loaded = components.load_component_from_file(path)
    compiler.Compiler().compile(add, path)
    loaded_add = components.load_component_from_file(path)


@dsl.pipeline(name="loaded-pipeline")
def pipeline(a: int = 1) -> int:
    first = loaded(a=a)
    return loaded_add(a=first.output, b=100).output


EXPECTED = {
    "arguments": {"a": 2},
    "tasks": {"inner": "SUCCEEDED", "inner/add": "SUCCEEDED", "add": "SUCCEEDED"},
    "parameters": {"inner/add.Output": 12, "add.Output": 112, "Output": 112},
}
