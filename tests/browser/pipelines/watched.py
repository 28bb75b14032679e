"""A run to watch: colours, a progress bar, a first attempt that fails, a wait, a loop, and a branch not taken."""

from wherry import dsl


@dsl.component(base_image="python:3.11")
def stubborn(folder: str) -> int:
    import pathlib

    print("\033[31mred\033[0m <b>not bold</b> <script>document.title = 'pwned'</script>")
    for percent in range(0, 101, 20):
        print(f"\rprogress {percent} %", end="", flush=True)
    print("\nneedle 1\nneedle 2", flush=True)
    marker = pathlib.Path(folder) / "tried"
    if not marker.exists():
        marker.touch()
        raise RuntimeError("the first attempt fails")
    return 1


@dsl.component(base_image="python:3.11")
def gate(folder: str, after: int) -> int:
    import pathlib
    import time

    print("waiting at the gate", flush=True)
    while not (pathlib.Path(folder) / "open").exists():
        time.sleep(0.05)
    print("the gate is open", flush=True)
    return after


@dsl.component(base_image="python:3.11")
def square(x: int) -> int:
    print(x * x)
    return x * x


@dsl.pipeline(name="watched")
def watched(folder: str):
    first = stubborn(folder=folder)
    first.set_retry(num_retries=1)
    passed = gate(folder=folder, after=first.output)
    with dsl.ParallelFor(items=[1, 2, 3]) as item:
        square(x=item).after(passed)
    with dsl.If(passed.output == 7, name="never"):
        square(x=7)
