"""after() orders tasks that pass nothing; independent ones need not wait."""

from kfp import dsl
from kfp.dsl import Artifact, Input, Output


@dsl.component(base_image="python:3.11")
def touch(journal: Output[Artifact]):
    import time

    with open(journal.path, "w") as out:
        out.write(str(time.time_ns()))


@dsl.component(base_image="python:3.11")
def in_order(first: Input[Artifact], second: Input[Artifact], third: Input[Artifact]) -> bool:
    times = []
    for one in (first, second, third):
        with open(one.path) as found:
            times.append(int(found.read()))
    return times == sorted(times)


@dsl.pipeline(name="order-without-values")
def pipeline():
    first = touch().set_caching_options(False)
    second = touch().after(first).set_caching_options(False)
    third = touch().after(first, second).set_caching_options(False)
    in_order(first=first.output, second=second.output, third=third.output)


EXPECTED = {
    "tasks": {"touch": "SUCCEEDED", "touch-2": "SUCCEEDED", "touch-3": "SUCCEEDED", "in-order": "SUCCEEDED"},
    "parameters": {"in-order.Output": True},
    "artifacts": {
        "touch.journal": [{"type": "Artifact", "content": "*"}],
        "touch-2.journal": [{"type": "Artifact", "content": "*"}],
        "touch-3.journal": [{"type": "Artifact", "content": "*"}],
    },
}
