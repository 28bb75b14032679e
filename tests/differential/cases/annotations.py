# ruff: noqa: F821, UP006, UP014, UP035, UP045  written as authors write it
from typing import Dict, List, NamedTuple, Optional

from kfp import dsl


@dsl.component(base_image="python:3.11")
def generics(
    a: List[str],
    b: Dict[str, int],
    c: list[int],
    d: dict[str, float],
    e: Optional[str] = None,
    f: Optional[List[int]] = None,
):
    print(a, b, c, d, e, f)


@dsl.component(base_image="python:3.11")
def old_names(a: "Integer", b: "String", c: "Dict", d: "List", e: "Boolean", f: "Float"):
    print(a, b, c, d, e, f)


@dsl.component(base_image="python:3.11")
def several(a: int) -> NamedTuple("Outputs", [("number", int), ("text", str), ("data", dsl.Dataset)]):
    return (a, "x", "data")


class Pair(NamedTuple):
    left: int
    right: List[str]


@dsl.pipeline
def annotations() -> NamedTuple("Outputs", [("n", int), ("data", dsl.Dataset)]):
    generics(a=["x"], b={"a": 1}, c=[1], d={"x": 0.5}, e="z")

    task = several(a=1)
    outputs = NamedTuple("Outputs", [("n", int), ("data", dsl.Dataset)])
    return outputs(n=task.outputs["number"], data=task.outputs["data"])
