"""If, Elif and Else over texts, integers, fractions and booleans; what is not chosen is skipped."""

from kfp import dsl


@dsl.component(base_image="python:3.11")
def say(text: str) -> str:
    return text


@dsl.component(base_image="python:3.11")
def number(n: float) -> float:
    return n


@dsl.pipeline(name="conditions")
def pipeline(word: str = "it is", n: int = 3, flag: bool = True):
    with dsl.If(word == "it is"):
        say(text="the word")
    with dsl.If(n > 5):
        say(text="more than five")
    with dsl.Elif(n >= 3):
        say(text="three to five")
    with dsl.Else():
        say(text="less")
    half = number(n=0.5)
    with dsl.If(half.output < 0.75):
        say(text="a fraction")
    with dsl.If(flag == True):
        say(text="the flag")
    with dsl.If(n != 3):
        last = say(text="never")
        say(text=last.output)


EXPECTED = {
    "tasks": {
        "condition-1": "SUCCEEDED",
        "condition-1/say": "SUCCEEDED",
        "condition-branches-2": "SUCCEEDED",
        "condition-branches-2/condition-3": "SKIPPED",
        "condition-branches-2/condition-4": "SUCCEEDED",
        "condition-branches-2/condition-4/say-3": "SUCCEEDED",
        "condition-branches-2/condition-5": "SKIPPED",
        "number": "SUCCEEDED",
        "condition-6": "SUCCEEDED",
        "condition-6/say-5": "SUCCEEDED",
        "condition-7": "SUCCEEDED",
        "condition-7/say-6": "SUCCEEDED",
        "condition-8": "SKIPPED",
    },
    "parameters": {
        "condition-1/say.Output": "the word",
        "condition-branches-2/condition-4/say-3.Output": "three to five",
        "number.Output": 0.5,
        "condition-6/say-5.Output": "a fraction",
        "condition-7/say-6.Output": "the flag",
    },
}
