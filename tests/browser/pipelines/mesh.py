"""More tasks than are drawn one by one: 34 chains of ten."""

from wherry import dsl


@dsl.component(base_image="python:3.11")
def step(x: int) -> int:
    return x


@dsl.pipeline(name="mesh")
def mesh():
    for chain in range(34):
        task = step(x=chain)
        for _ in range(9):
            task = step(x=task.output)
