"""Arguments and outputs inside f-strings, lists and mappings: as text, there too."""

from kfp import dsl


@dsl.component(base_image="python:3.11")
def say(text: str) -> str:
    return text


@dsl.component(base_image="python:3.11")
def show(items: list, table: dict) -> list:
    return [items, table]


@dsl.pipeline(name="texts-with-values")
def pipeline(name: str = "Ada", n: int = 3, x: float = 0.5, flag: bool = True):
    said = say(text=f"hello {name}")
    say(text=f"{said.output}, {n} times, {x}, {flag}, {name}")
    show(items=[name, f"<{said.output}>", 1], table={"n": n, "inner": {"texts": [said.output, "plain"]}})


EXPECTED = {
    "tasks": {"say": "SUCCEEDED", "say-2": "SUCCEEDED", "show": "SUCCEEDED"},
    "parameters": {
        "say.Output": "hello Ada",
        "say-2.Output": "hello Ada, 3 times, 0.5, true, Ada",
        "show.Output": [
            ["Ada", "<hello Ada>", 1],
            {"n": "3", "inner": {"texts": ["hello Ada", "plain"]}},
        ],
    },
}
