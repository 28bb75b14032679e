"""A task is tried again as often as it asks for; another one gives up after its last try."""

from kfp import dsl


@dsl.component(base_image="python:3.11")
def sometimes(needed: int) -> int:
    import os

    index = int(os.environ["KFP_RETRY_INDEX"])
    if index < needed:
        raise RuntimeError(f"not yet: {index}")
    return index


@dsl.pipeline(name="retries")
def pipeline():
    sometimes(needed=2).set_retry(num_retries=3, backoff_duration="0s")
    sometimes(needed=5).set_retry(num_retries=1, backoff_duration="0s", backoff_factor=1.0)


EXPECTED = {
    "state": "FAILED",
    "tasks": {"sometimes": "SUCCEEDED", "sometimes-2": "FAILED"},
    "parameters": {"sometimes.Output": 2},
    "errors": {"sometimes-2": "not yet: 1"},
}
