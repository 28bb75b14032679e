"""The workloads as pipelines. The kfp subject runs this same source with ``from kfp import dsl``."""

from typing import List  # noqa: UP035  a component's source runs with what its image has

from wherry import dsl

CHAIN = 200
FAN = 1000


@dsl.component(base_image="python:3.11")
def noop(x: int) -> int:
    return x + 1


@dsl.component(base_image="python:3.11")
def total(xs: List[int]) -> int:  # noqa: UP006  as above
    return int(sum(xs))


@dsl.component(base_image="python:3.11")
def produce(megabytes: int, out: dsl.Output[dsl.Dataset]) -> float:
    import time

    began = time.perf_counter()
    with open(out.path, "wb") as file:
        file.writelines(b"x" * (1 << 20) for _ in range(megabytes))
    return time.perf_counter() - began


@dsl.component(base_image="python:3.11")
def consume(data: dsl.Input[dsl.Dataset], seconds: float) -> float:
    import os

    if os.path.getsize(data.path) == 0:
        raise ValueError("nothing arrived")
    return seconds


def chain_of(tasks: int):
    """W1: each task waits for the one before it."""

    @dsl.pipeline(name="w1")
    def w1(start: int = 0) -> int:
        task = noop(x=start)
        for _ in range(tasks - 1):
            task = noop(x=task.output)
        return task.output

    return w1


def fan_of(tasks: int, at_once: int):
    """W2: as many as allowed at once, then a join."""

    @dsl.pipeline(name="w2")
    def w2() -> int:
        with dsl.ParallelFor(items=list(range(tasks)), parallelism=at_once) as item:
            task = noop(x=item)
        return total(xs=dsl.Collected(task.output)).output

    return w2


@dsl.pipeline(name="w4")
def w4(megabytes: int = 200) -> float:
    made = produce(megabytes=megabytes)
    return consume(data=made.outputs["out"], seconds=made.outputs["Output"]).output
