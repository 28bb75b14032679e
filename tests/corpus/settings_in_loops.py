"""Settings that come from the items of a loop: image, resources, a cache key that all share."""

from kfp import dsl


@dsl.component(base_image="python:3.11")
def version(label: str) -> str:
    import sys

    return f"{label} {sys.version_info.major}"


@dsl.pipeline(name="settings-in-loops")
def pipeline(labels: list = ["a", "b"]):
    with dsl.ParallelFor(["python:3.11", "python:3.11-slim"]) as image:
        version(label=image).set_container_image(image)
    with dsl.ParallelFor(labels) as label:
        with dsl.ParallelFor(["1", "500m"]) as cpu:
            version(label=label).set_cpu_limit(cpu).set_caching_options(False)


EXPECTED = {
    "tasks": {
        "for-loop-2": "SUCCEEDED",
        "for-loop-2[0]/version": "SUCCEEDED",
        "for-loop-2[1]/version": "SUCCEEDED",
        "for-loop-3": "SUCCEEDED",
        "for-loop-3[0]/for-loop-5": "SUCCEEDED",
        "for-loop-3[0]/for-loop-5[0]/version-2": "SUCCEEDED",
        "for-loop-3[0]/for-loop-5[1]/version-2": "SUCCEEDED",
        "for-loop-3[1]/for-loop-5": "SUCCEEDED",
        "for-loop-3[1]/for-loop-5[0]/version-2": "SUCCEEDED",
        "for-loop-3[1]/for-loop-5[1]/version-2": "SUCCEEDED",
    },
    "parameters": {
        "for-loop-2[0]/version.Output": "python:3.11 3",
        "for-loop-2[1]/version.Output": "python:3.11-slim 3",
        "for-loop-3[0]/for-loop-5[0]/version-2.Output": "a 3",
        "for-loop-3[0]/for-loop-5[1]/version-2.Output": "a 3",
        "for-loop-3[1]/for-loop-5[0]/version-2.Output": "b 3",
        "for-loop-3[1]/for-loop-5[1]/version-2.Output": "b 3",
    },
}
