"""OutputPath of parameters and artifacts, InputPath of artifacts: files instead of values."""

from kfp import dsl
from kfp.dsl import Dataset, InputPath, OutputPath


@dsl.component(base_image="python:3.11")
def write(text: str, data: OutputPath("Dataset"), count: OutputPath(int), note: OutputPath(str)):
    with open(data, "w") as out:
        out.write(text)
    with open(count, "w") as out:
        out.write(str(len(text)))
    with open(note, "w") as out:
        out.write(" kept as it is\n")


@dsl.component(base_image="python:3.11")
def read(data: InputPath("Dataset"), text: str, n: int) -> str:
    with open(data) as found:
        return f"{found.read()}/{text}/{n}"


@dsl.component(base_image="python:3.11")
def typed(data: InputPath(Dataset)) -> int:
    import os

    return os.path.getsize(data)


@dsl.pipeline(name="paths")
def pipeline(text: str = "three words here"):
    wrote = write(text=text)
    read(data=wrote.outputs["data"], text=wrote.outputs["note"], n=wrote.outputs["count"])
    typed(data=wrote.outputs["data"])


EXPECTED = {
    "tasks": {"write": "SUCCEEDED", "read": "SUCCEEDED", "typed": "SUCCEEDED"},
    "parameters": {
        "write.count": 16,
        "write.note": " kept as it is\n",
        "read.Output": "three words here/ kept as it is\n/16",
        "typed.Output": 16,
    },
    "artifacts": {"write.data": [{"type": "Dataset", "content": "three words here"}]},
}
