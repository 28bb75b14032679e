"""OneOf takes the output of the branch that ran, parameters and artifacts."""

from kfp import dsl
from kfp.dsl import Artifact, Dataset, Input, Output


@dsl.component(base_image="python:3.11")
def flip(side: str) -> str:
    return side


@dsl.component(base_image="python:3.11")
def say(text: str, data: Output[Dataset]) -> str:
    with open(data.path, "w") as out:
        out.write(text)
    return text


@dsl.component(base_image="python:3.11")
def read(text: str, data: Input[Artifact]) -> str:
    with open(data.path) as found:
        return f"{text}, {found.read()}"


@dsl.pipeline(name="one-of")
def pipeline(side: str = "tails") -> str:
    coin = flip(side=side)
    with dsl.If(coin.output == "heads"):
        heads = say(text="heads")
    with dsl.Elif(coin.output == "tails"):
        tails = say(text="tails")
    with dsl.Else():
        edge = say(text="edge")
    text = dsl.OneOf(heads.outputs["Output"], tails.outputs["Output"], edge.outputs["Output"])
    data = dsl.OneOf(heads.outputs["data"], tails.outputs["data"], edge.outputs["data"])
    read(text=text, data=data)
    return text


EXPECTED = {
    "tasks": {
        "flip": "SUCCEEDED",
        "condition-branches-1": "SUCCEEDED",
        "condition-branches-1/condition-2": "SKIPPED",
        "condition-branches-1/condition-3": "SUCCEEDED",
        "condition-branches-1/condition-3/say-2": "SUCCEEDED",
        "condition-branches-1/condition-4": "SKIPPED",
        "read": "SUCCEEDED",
    },
    "parameters": {
        "flip.Output": "tails",
        "condition-branches-1/condition-3/say-2.Output": "tails",
        "read.Output": "tails, tails",
        "Output": "tails",
    },
    "artifacts": {"condition-branches-1/condition-3/say-2.data": [{"type": "Dataset", "content": "tails"}]},
}
