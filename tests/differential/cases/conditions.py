# ruff: noqa: FBT001, FBT002, SIM117, SIM300  written as authors write it
from kfp import dsl


@dsl.component(base_image="python:3.11")
def say(text: str) -> str:
    return text


@dsl.component(base_image="python:3.11")
def add(a: int, b: int = 1) -> int:
    return a + b


@dsl.component(base_image="python:3.11")
def flip() -> bool:
    return True


@dsl.component(base_image="python:3.11")
def score() -> float:
    return 0.5


@dsl.pipeline
def conditions(text: str = "a", n: int = 1, f: float = 1.0, b: bool = True):
    flipped = flip()
    scored = score()
    with dsl.If(text == "a"):
        say(text="1")
    with dsl.If(n != 2, name="not-two"):
        say(text=text)
    with dsl.If(f < 2.5):
        say(text="3")
    with dsl.If(f >= 2):
        say(text="4")
    with dsl.If(n <= 1.5):
        say(text="5")
    with dsl.If(b == True):  # noqa: E712
        say(text="6")
    with dsl.If(flipped.output == False):  # noqa: E712
        say(text="7")
    with dsl.If(scored.output > f):
        say(text="8")
    with dsl.If(scored.output > n):
        say(text="9")
    with dsl.If(n > 1):
        with dsl.If(text == "b"):
            inner = say(text=text)
            with dsl.If(inner.output == "c"):
                add(a=n)
    with dsl.If("a" == text):
        say(text="10")
