"""Values of a megabyte, texts of every kind and deep structures pass unharmed."""

from kfp import dsl


@dsl.component(base_image="python:3.11")
def make(size: int) -> str:
    return "é" * size


@dsl.component(base_image="python:3.11")
def nest(depth: int) -> dict:
    inner: dict = {"n": 9007199254740991}
    for _ in range(depth):
        inner = {"inner": [inner]}
    return inner


@dsl.component(base_image="python:3.11")
def measure(text: str, structure: dict) -> list:
    depth = 0
    while "inner" in structure:
        structure = structure["inner"][0]
        depth += 1
    return [len(text), depth, structure["n"]]


@dsl.component(base_image="python:3.11")
def echo(text: str) -> str:
    return text


@dsl.pipeline(name="large-values")
def pipeline():
    made = make(size=500_000)
    deep = nest(depth=50)
    measure(text=made.output, structure=deep.output)
    echo(text="{{$.not.a.placeholder}} \\ \" ' $(x) `y` ${z} \u2028 \U0001f6f6 <&>")
    echo(text="")
    echo(text="null")


EXPECTED = {
    "tasks": {
        "make": "SUCCEEDED",
        "nest": "SUCCEEDED",
        "measure": "SUCCEEDED",
        "echo": "SUCCEEDED",
        "echo-2": "SUCCEEDED",
        "echo-3": "SUCCEEDED",
    },
    "parameters": {
        "make.Output": "*",
        "nest.Output": "*",
        "measure.Output": [500_000, 50, 9007199254740991],
        "echo.Output": "{{$.not.a.placeholder}} \\ \" ' $(x) `y` ${z} \u2028 \U0001f6f6 <&>",
        "echo-2.Output": "",
        "echo-3.Output": "null",
    },
}
