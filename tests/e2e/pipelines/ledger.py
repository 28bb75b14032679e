"""A pipeline whose tasks write what they do into an append-only file: what crash tests check afterwards."""

from wherry import dsl


@dsl.component(base_image="python:3.11")
def step(name: str, ledger: str, seconds: float, before: int) -> int:
    import os
    import time
    import uuid

    execution = uuid.uuid4().hex

    def write(what: str) -> None:
        # One write of a short line to a file opened for appending is not torn.
        handle = os.open(ledger, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(handle, f"{what} {name} {execution}\n".encode())
        os.close(handle)

    write("began")
    time.sleep(seconds)
    write("ended")
    return before + 1


@dsl.component(base_image="python:3.11")
def gather(ledger: str, values: list, note: dsl.Output[dsl.Dataset]) -> int:
    import os
    import uuid

    handle = os.open(ledger, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    name = uuid.uuid4().hex
    os.write(handle, f"began gather {name}\nended gather {name}\n".encode())
    os.close(handle)
    with open(note.path, "w") as file:
        file.write(repr(values))
    return sum(values)


@dsl.pipeline(name="ledger")
def ledger_pipeline(ledger: str, seconds: float = 0.1) -> int:
    """Chains side by side, a loop, a condition, a join: 21 tasks that do something."""
    first = step(name="first", ledger=ledger, seconds=seconds, before=0)
    left = step(name="left-1", ledger=ledger, seconds=seconds, before=first.output)
    left = step(name="left-2", ledger=ledger, seconds=seconds, before=left.output)
    right = step(name="right-1", ledger=ledger, seconds=seconds, before=first.output)
    right = step(name="right-2", ledger=ledger, seconds=seconds, before=right.output)
    with dsl.ParallelFor(items=["a", "b", "c", "d", "e", "f", "g"], parallelism=3) as item:
        inner = step(name=item, ledger=ledger, seconds=seconds, before=left.output)
        outer = step(name=f"{item}-again", ledger=ledger, seconds=seconds, before=inner.output)
    with dsl.If(right.output == 3):
        step(name="right-3", ledger=ledger, seconds=seconds, before=right.output)
    return gather(ledger=ledger, values=dsl.Collected(outer.output)).outputs["Output"]
