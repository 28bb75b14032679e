"""Pipelines that fail, each in a way of its own."""

from wherry import dsl


@dsl.component(base_image="python:3.11")
def fine() -> int:
    return 1


@dsl.component(base_image="python:3.11")
def raises(rows: int) -> int:
    print("about to divide")
    return rows // 0


@dsl.component(base_image="python:3.11")
def exits_3() -> int:
    import sys

    print("giving up")
    sys.exit(3)


@dsl.component(base_image="python:3.11")
def is_killed() -> int:
    import os
    import signal

    os.kill(os.getpid(), signal.SIGKILL)
    return 1


@dsl.component(base_image="python:3.11")
def hangs(seconds: int) -> int:
    import time

    time.sleep(seconds)
    return 1


@dsl.component(base_image="python:3.11")
def leaves_a_grandchild(pid_file: str) -> int:
    import os
    import sys
    import time

    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            with open(pid_file, "w") as file:
                file.write(str(os.getpid()))
            time.sleep(600)
        os._exit(0)
    while not (os.path.exists(pid_file) and os.path.getsize(pid_file)):
        time.sleep(0.01)
    sys.stdout.flush()
    return 1


@dsl.component(base_image="python:3.11")
def imports_what_it_did_not_ask_for() -> str:
    import pandas as pd

    return str(pd.__version__)


@dsl.component(base_image="python:3.11", packages_to_install=["wherry-no-such-package-here==9.9"])
def asks_for_what_does_not_exist() -> int:
    return 1


@dsl.component(base_image="python:3.11")
def prints_100_megabytes() -> int:
    print("the first line")
    line = "x" * 1023
    for _ in range(100 * 1024):
        print(line)
    return 1


@dsl.component(base_image="python:3.11")
def draws() -> float:
    import random

    return random.random()


@dsl.pipeline(name="raising")
def raising(rows: int = 3):
    fine()
    dependent = raises(rows=rows)
    hangs(seconds=0).after(dependent)


@dsl.pipeline(name="exiting")
def exiting():
    exits_3()


@dsl.pipeline(name="killed")
def killed():
    is_killed()


@dsl.pipeline(name="hanging")
def hanging(seconds: int = 600):
    hangs(seconds=seconds)


@dsl.pipeline(name="grandchild")
def grandchild(pid_file: str):
    leaves_a_grandchild(pid_file=pid_file)


@dsl.pipeline(name="missing-module")
def missing_module():
    imports_what_it_did_not_ask_for()


@dsl.pipeline(name="missing-package")
def missing_package():
    asks_for_what_does_not_exist()


@dsl.pipeline(name="loud")
def loud():
    prints_100_megabytes()


@dsl.component(base_image="python:3.11")
def differ(first: float, second: float) -> str:
    if first == second:
        raise ValueError(f"both siblings drew {first}")
    return "they differ"


@dsl.pipeline(name="siblings")
def siblings():
    first = draws().set_caching_options(enable_caching=False)
    second = draws().set_caching_options(enable_caching=False)
    differ(first=first.output, second=second.output)
