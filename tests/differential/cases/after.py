from kfp import dsl


@dsl.component(base_image="python:3.11")
def say(text: str) -> str:
    return text


@dsl.component(base_image="python:3.11")
def add(a: int, b: int = 1) -> int:
    return a + b


@dsl.pipeline
def after():
    first = say(text="a")
    second = say(text="b")
    say(text="c").after(first, second)
    with dsl.ParallelFor([1, 2]) as n:
        inside = add(a=n)
        add(a=n).after(inside)
    say(text="d").after(inside)
    with dsl.If(first.output == "a"):
        say(text="e").after(second)
