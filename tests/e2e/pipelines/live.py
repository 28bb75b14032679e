"""Tasks that are watched: one that writes when it is told to, one that is tried again, one that makes artifacts."""

from wherry import dsl


@dsl.component(base_image="python:3.11")
def talk(gate: str) -> int:
    import os
    import time

    print("before the gate: ä")
    while not os.path.exists(gate):
        time.sleep(0.02)
    for number in range(2000):
        print(f"behind the gate, line {number}")
    return 1


@dsl.component(base_image="python:3.11")
def stumble(mark: str):
    import os

    if not os.path.exists(mark):
        open(mark, "w").close()
        raise RuntimeError("the first time goes wrong")
    print("the second time goes well")


@dsl.component(base_image="python:3.11")
def make(page: dsl.Output[dsl.HTML], folder: dsl.Output[dsl.Dataset], model: dsl.Output[dsl.Model]):
    import os

    with open(page.path, "w") as file:
        file.write("<script>alert(1)</script>")
    os.makedirs(folder.path)
    with open(model.path, "wb") as file:
        file.write(bytes(range(256)) * 1000)
    model.metadata["accuracy"] = 0.5


@dsl.component(base_image="python:3.11")
def read(model: dsl.Input[dsl.Model]) -> int:
    return len(open(model.path, "rb").read())


@dsl.pipeline(name="talking")
def talking(gate: str):
    talk(gate=gate).set_caching_options(False)


@dsl.pipeline(name="stumbling")
def stumbling(mark: str):
    stumble(mark=mark).set_caching_options(False).set_retry(1)


@dsl.pipeline(name="making")
def making(uri: str = "/etc/hostname"):
    made = make()
    read(model=made.outputs["model"])
    dsl.importer(artifact_uri=uri, artifact_class=dsl.Dataset, reimport=True)
