from kfp import dsl


@dsl.component(base_image="python:3.11")
def say(text: str) -> str:
    return text


@dsl.component(base_image="python:3.11")
def add(a: int, b: int = 1) -> int:
    return a + b


@dsl.pipeline
def loops_raw():
    with dsl.ParallelFor([1, 2, 3]) as n:
        add(a=n)
    with dsl.ParallelFor(["a", "b"], name="letters", parallelism=2) as letter:
        first = say(text=letter)
        say(text=f"{letter} and {first.output}")
    with dsl.ParallelFor([{"a": "1", "b": "2"}, {"b": "4", "a": "3"}]) as item:
        say(text=item.a)
        say(text=item.b)
    with dsl.ParallelFor(items=[1.5, 2.5], parallelism=1):
        say(text="x")
