"""A failure stops what depends on it, and nothing else; the run tells which task failed and where."""

from kfp import dsl
from kfp.dsl import Input, Model, Output


@dsl.component(base_image="python:3.11")
def say(text: str) -> str:
    return text


@dsl.component(base_image="python:3.11")
def train(text: str, model: Output[Model]) -> int:
    with open(model.path, "w") as out:
        out.write("half of it")
    return int(text)


@dsl.component(base_image="python:3.11")
def deploy(model: Input[Model]):
    print(model.path)


@dsl.pipeline(name="failure-and-independent-branch")
def pipeline(text: str = "many"):
    trained = train(text=text)
    deploy(model=trained.outputs["model"])
    first = say(text="one")
    say(text=f"{first.output} more")


EXPECTED = {
    "state": "FAILED",
    "tasks": {"train": "FAILED", "deploy": "SKIPPED", "say": "SUCCEEDED", "say-2": "SUCCEEDED"},
    "parameters": {"say.Output": "one", "say-2.Output": "one more"},
    "errors": {
        "train": "ValueError: invalid literal for int() with base 10: 'many'",
        "deploy": "train",
    },
    "logs": {"train": "return int(text)"},
}
