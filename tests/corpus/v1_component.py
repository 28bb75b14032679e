"""A component in the old YAML, with its if, concat and paths, loaded and used beside new ones."""

from kfp import components, dsl

OLD = components.load_component_from_text("""
name: Join words
inputs:
- {name: first, type: String}
- {name: count, type: Integer, default: '3'}
- {name: data, type: Dataset}
outputs:
- {name: joined, type: String}
- {name: copy, type: Dataset}
implementation:
  container:
    image: python:3.11
    command:
    - sh
    - -ec
    - |
      mkdir -p "$(dirname "$3")" "$(dirname "$4")"
      printf '%s %s' "$0" "$1" > "$3"
      cat "$2" > "$4"
    - {inputValue: first}
    - concat: ['x', {inputValue: count}]
    - {inputPath: data}
    - {outputPath: joined}
    - {outputPath: copy}
""")


@dsl.component(base_image="python:3.11")
def make(data: dsl.Output[dsl.Dataset]):
    with open(data.path, "w") as out:
        out.write("rows")


@dsl.component(base_image="python:3.11")
def read(data: dsl.Input[dsl.Dataset], text: str) -> str:
    with open(data.path) as found:
        return f"{text}: {found.read()}"


@dsl.pipeline(name="v1-component")
def pipeline(first: str = "a b"):
    joined = OLD(first=first, data=make().output)
    read(data=joined.outputs["copy"], text=joined.outputs["joined"])


EXPECTED = {
    "tasks": {"make": "SUCCEEDED", "join-words": "SUCCEEDED", "read": "SUCCEEDED"},
    "parameters": {"join-words.joined": "a b x3", "read.Output": "a b x3: rows"},
    "artifacts": {
        "make.data": [{"type": "Dataset", "content": "rows"}],
        "join-words.copy": [{"type": "Dataset", "content": "rows"}],
    },
}
