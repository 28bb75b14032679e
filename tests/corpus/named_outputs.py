"""Several outputs of one task, by NamedTuple, parameters and an artifact among them."""

from typing import NamedTuple

from kfp import dsl


@dsl.component(base_image="python:3.11")
def split(text: str) -> NamedTuple("Outputs", [("head", str), ("length", int), ("rest", list)]):
    from collections import namedtuple

    outputs = namedtuple("Outputs", ["head", "length", "rest"])
    return outputs(text[0], len(text), list(text[1:]))


@dsl.component(base_image="python:3.11")
def plain(text: str) -> NamedTuple("Outputs", upper=str, lower=str):
    return (text.upper(), text.lower())


@dsl.component(base_image="python:3.11")
def join(a: str, n: int, rest: list, upper: str) -> str:
    return f"{a}{n}{''.join(rest)}{upper}"


@dsl.pipeline(name="named-outputs")
def pipeline(text: str = "Wherry") -> NamedTuple("Outputs", joined=str, length=int):
    parts = split(text=text)
    cased = plain(text=text)
    joined = join(
        a=parts.outputs["head"], n=parts.outputs["length"], rest=parts.outputs["rest"], upper=cased.outputs["upper"]
    )
    outputs = NamedTuple("Outputs", joined=str, length=int)
    return outputs(joined=joined.output, length=parts.outputs["length"])


EXPECTED = {
    "tasks": {"split": "SUCCEEDED", "plain": "SUCCEEDED", "join": "SUCCEEDED"},
    "parameters": {
        "split.head": "W",
        "split.length": 6,
        "split.rest": ["h", "e", "r", "r", "y"],
        "plain.upper": "WHERRY",
        "plain.lower": "wherry",
        "join.Output": "W6herryWHERRY",
        "joined": "W6herryWHERRY",
        "length": 6,
    },
}
