from kfp import dsl


@dsl.component(base_image="python:3.11")
def say(text: str) -> str:
    return text


@dsl.component(base_image="python:3.11")
def add(a: int, b: int = 1) -> int:
    return a + b


@dsl.component(base_image="python:3.11")
def clean_up(status: dsl.PipelineTaskFinalStatus, text: str = "x"):
    print(status.state, text)


@dsl.pipeline
def exit_handler(text: str = "a"):
    before = say(text="before")
    last = clean_up(text=text)
    with dsl.ExitHandler(last, name="handled"):
        first = say(text=before.output)
        say(text=first.output)
        with dsl.ParallelFor([1, 2]) as n:
            add(a=n)


@dsl.pipeline
def two_handlers(text: str = "a"):
    with dsl.ExitHandler(clean_up()) as handled:
        say(text=text)
    other = say(text="no status").set_display_name("last")
    with dsl.ExitHandler(other):
        say(text="2")
    say(text="after").after(handled)


@dsl.pipeline
def nested_exit(text: str):
    say(text=text)


@dsl.pipeline
def pipeline_as_exit_task(text: str = "a"):
    with dsl.ExitHandler(nested_exit(text=text)):
        say(text="1")
