"""An output may lie where the component puts it: another path, another URI, a folder."""

from kfp import dsl
from kfp.dsl import Dataset, Input, Output


@dsl.component(base_image="python:3.11")
def elsewhere(data: Output[Dataset]):
    import tempfile

    path = tempfile.mkstemp()[1]
    with open(path, "w") as out:
        out.write("from elsewhere")
    data.set_path(path)


@dsl.component(base_image="python:3.11")
def folder(data: Output[Dataset]):
    import os

    os.makedirs(os.path.join(data.path, "inner"))
    for name in ("a.txt", "inner/b.txt"):
        with open(os.path.join(data.path, name), "w") as out:
            out.write(name)


@dsl.component(base_image="python:3.11")
def nothing(data: Output[Dataset]):
    data.metadata["written"] = False


@dsl.component(base_image="python:3.11")
def read(data: Input[Dataset]) -> list:
    import os

    if not os.path.isdir(data.path):
        with open(data.path) as found:
            return [found.read()]
    return sorted(
        os.path.relpath(os.path.join(at, name), data.path) for at, _, names in os.walk(data.path) for name in names
    )


@dsl.pipeline(name="own-paths")
def pipeline():
    read(data=elsewhere().output)
    read(data=folder().output)
    nothing()


EXPECTED = {
    "tasks": {
        "elsewhere": "SUCCEEDED",
        "read": "SUCCEEDED",
        "folder": "SUCCEEDED",
        "read-2": "SUCCEEDED",
        "nothing": "SUCCEEDED",
    },
    "parameters": {"read.Output": ["from elsewhere"], "read-2.Output": ["a.txt", "inner/b.txt"]},
    "artifacts": {
        "elsewhere.data": [{"type": "Dataset", "content": "from elsewhere"}],
        "folder.data": [{"type": "Dataset"}],
        "nothing.data": [{"type": "Dataset", "metadata": {"written": False}}],
    },
}
