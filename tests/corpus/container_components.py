"""Container components: placeholders of inputs and outputs, Concat joined, IfPresent with and without a value."""

from typing import Optional

from kfp import dsl
from kfp.dsl import Dataset, Input, Output


@dsl.container_component
def write(text: str, data: Output[Dataset], length: dsl.OutputPath(int)):
    return dsl.ContainerSpec(
        image="python:3.11",
        command=["sh", "-ec"],
        args=[
            'mkdir -p "$(dirname "$1")" "$(dirname "$2")"; printf %s "$0" > "$1"; printf %s ${#0} > "$2"',
            text,
            data.path,
            length,
        ],
    )


JOIN = """
import os, sys
os.makedirs(os.path.dirname(sys.argv[1]), exist_ok=True)
with open(sys.argv[1], "w") as out:
    out.write("|".join(sys.argv[2:]))
"""


@dsl.container_component
def join(n: int, flag: bool, x: float, out: dsl.OutputPath(str), maybe: Optional[str] = None, other: str = "there"):
    return dsl.ContainerSpec(
        image="python:3.11",
        command=["python3", "-c", JOIN],
        args=[
            out,
            f"n={n}",
            flag,
            x,
            dsl.ConcatPlaceholder(["<", other, "-", n, ">"]),
            dsl.IfPresentPlaceholder(input_name="maybe", then=["--maybe", maybe], else_=["--without"]),
            dsl.IfPresentPlaceholder(input_name="other", then=["--other", other]),
            dsl.ConcatPlaceholder(["a", dsl.IfPresentPlaceholder(input_name="maybe", then=maybe, else_="b")]),
        ],
    )


@dsl.container_component
def read(data: Input[Dataset]):
    return dsl.ContainerSpec(image="python:3.11", command=["cat", data.path])


@dsl.pipeline(name="container-components")
def pipeline(text: str = "three $HOME words"):
    wrote = write(text=text)
    join(n=wrote.outputs["length"], flag=True, x=2.0)
    read(data=wrote.outputs["data"])


EXPECTED = {
    "tasks": {"write": "SUCCEEDED", "join": "SUCCEEDED", "read": "SUCCEEDED"},
    "parameters": {
        "write.length": 17,
        "join.out": "n=17|true|2|<there-17>|--without|--other|there|ab",
    },
    "artifacts": {"write.data": [{"type": "Dataset", "content": "three $HOME words"}]},
    "logs": {"read": "three $HOME words"},
}
