"""A task that returns another type than it declares has failed, and says what it was."""

from kfp import dsl


@dsl.component(base_image="python:3.11")
def returns_text() -> int:
    return "three"


@dsl.component(base_image="python:3.11")
def returns_whole() -> float:
    return 3


@dsl.component(base_image="python:3.11")
def returns_nothing(n: int):
    print("n is", n)


@dsl.pipeline(name="wrong-outputs")
def pipeline():
    returns_text()
    returns_whole()
    returns_nothing(n=3)


EXPECTED = {
    "state": "FAILED",
    "tasks": {"returns-text": "FAILED", "returns-whole": "SUCCEEDED", "returns-nothing": "SUCCEEDED"},
    "parameters": {"returns-whole.Output": 3.0},
    "errors": {"returns-text": "int"},
    "logs": {"returns-nothing": "n is 3"},
}
