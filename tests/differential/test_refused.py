"""What kfp refuses, wherry refuses, and with an error of its own that says what to do."""

from __future__ import annotations

import textwrap

import pytest

from wherry.errors import AuthoringError

COMPONENTS = """\
from typing import List, NamedTuple

from kfp import dsl


@dsl.component(base_image="i")
def say(text: str) -> str:
    return text


@dsl.component(base_image="i")
def add(a: int, b: int = 1) -> int:
    return a + b


@dsl.component(base_image="i")
def half(x: float) -> float:
    return x / 2


@dsl.component(base_image="i")
def total(numbers: list) -> int:
    return sum(numbers)


@dsl.component(base_image="i")
def make(data: dsl.Output[dsl.Dataset]):
    pass


@dsl.component(base_image="i")
def read(data: dsl.Input[dsl.Dataset]):
    pass


@dsl.component(base_image="i")
def use(model: dsl.Input[dsl.Model]):
    pass


@dsl.component(base_image="i")
def clean(status: dsl.PipelineTaskFinalStatus):
    pass


"""


def in_pipeline(body: str, signature: str = "def p(text: str = 'a', n: int = 1):") -> str:
    return (
        COMPONENTS
        + "@dsl.pipeline\n"
        + signature
        + "\n"
        + textwrap.indent(textwrap.dedent(body).strip("\n"), "    ")
        + "\n"
    )


def component(definition: str) -> str:
    return COMPONENTS + textwrap.dedent(definition)


REFUSED = {
    # calls
    "an unknown argument": in_pipeline("say(text='a', volume=3)"),
    "a missing argument": in_pipeline("say()"),
    "a positional argument": in_pipeline("say('a')"),
    "a text for a number": in_pipeline("add(a='1')"),
    "an int for a float": in_pipeline("half(x=1)"),
    "a float for an int": in_pipeline("add(a=1.0)"),
    "a bool for an int": in_pipeline("add(a=True)"),
    "None for a parameter": in_pipeline("say(text=None)"),
    "a tuple for a list": in_pipeline("total(numbers=(1, 2))"),
    "an object for a parameter": in_pipeline("say(text=object())"),
    "a parameter of another type": in_pipeline("add(a=text)"),
    "an output of another type": in_pipeline("say(text=add(a=1).output)"),
    "a parameter for an artifact": in_pipeline("read(data=text)"),
    "an artifact for a parameter": in_pipeline("say(text=make().outputs['data'])"),
    "an artifact of another type": in_pipeline("use(model=make().outputs['data'])"),
    "an artifact object": in_pipeline("read(data=dsl.Dataset(uri='x'))"),
    "the task instead of its output": in_pipeline("say(text=say(text='a'))"),
    "output of a task without outputs": in_pipeline("say(text=read(data=make().output).output)"),
    "an unknown output": in_pipeline("say(text=say(text='a').outputs['other'])"),
    "a final status as an argument": in_pipeline("clean(status='x').ignore_upstream_failure()"),
    "an item of a raw list of another type": in_pipeline("with dsl.ParallelFor(['a']) as item:\n    add(a=item)"),
    # settings
    "a bad CPU quantity": in_pipeline("say(text='a').set_cpu_limit('much')"),
    "a bad memory quantity": in_pipeline("say(text='a').set_memory_limit('1.5 GB')"),
    "a negative accelerator limit": in_pipeline("say(text='a').set_accelerator_limit(-1)"),
    "a bad duration": in_pipeline("say(text='a').set_retry(1, backoff_duration='soon')"),
    "resources of an importer": in_pipeline("dsl.importer('a', dsl.Dataset).set_cpu_limit('1')"),
    "contradicting debug pauses": in_pipeline("say(text='a').set_debug_pause(after=False, on_error=True)"),
    "an environment variable that is no text": in_pipeline("say(text='a').set_env_variable('A', 1)"),
    "waiting for a loop": in_pipeline(
        """
        loop = dsl.ParallelFor([1])
        with loop as item:
            add(a=item)
        say(text='a').after(loop)
        """
    ),
    "waiting for a text": in_pipeline("say(text='a').after('say')"),
    "ignoring a failure without a default": in_pipeline("say(text=say(text='a').output).ignore_upstream_failure()"),
    # conditions
    "a constant condition": in_pipeline("with dsl.If(1 == 1):\n    say(text='a')"),
    "a condition on a list": in_pipeline("with dsl.If(dsl_list() == 'a'):\n    say(text='a')")
    .replace("dsl_list()", "numbers().output")
    .replace(
        "@dsl.pipeline", "@dsl.component(base_image='i')\ndef numbers() -> list:\n    return []\n\n\n@dsl.pipeline"
    ),
    "a condition on None": in_pipeline("with dsl.If(text == None):\n    say(text='a')"),
    "Else without If": in_pipeline("with dsl.Else():\n    say(text='a')"),
    "Elif without If": in_pipeline("with dsl.Elif(text == 'a'):\n    say(text='a')"),
    "Else after Else": in_pipeline(
        """
        with dsl.If(text == 'a'):
            say(text='a')
        with dsl.Else():
            say(text='b')
        with dsl.Else():
            say(text='c')
        """
    ),
    "an output from inside a condition": in_pipeline(
        """
        with dsl.If(text == 'a'):
            inner = say(text='a')
        say(text=inner.output)
        """
    ),
    "waiting for a task inside a condition": in_pipeline(
        """
        with dsl.If(text == 'a'):
            inner = say(text='a')
        say(text='b').after(inner)
        """
    ),
    # loops
    "an empty list": in_pipeline("with dsl.ParallelFor([]) as item:\n    say(text=item)"),
    "a negative parallelism": in_pipeline("with dsl.ParallelFor([1], parallelism=-1) as item:\n    add(a=item)"),
    "a loop over a text": in_pipeline("with dsl.ParallelFor(text) as item:\n    say(text=item)"),
    "a loop over one artifact": in_pipeline("with dsl.ParallelFor(make().output) as item:\n    read(data=item)"),
    "an output from inside a loop": in_pipeline(
        """
        with dsl.ParallelFor([1, 2]) as item:
            inner = add(a=item)
        add(a=inner.output)
        """
    ),
    "Collected inside its loop": in_pipeline(
        """
        with dsl.ParallelFor([1, 2]) as item:
            inner = add(a=item)
            total(numbers=dsl.Collected(inner.output))
        """
    ),
    "Collected without a loop": in_pipeline("total(numbers=dsl.Collected(add(a=1).output))"),
    "Collected of a loop in a condition": in_pipeline(
        """
        with dsl.If(text == 'a'):
            with dsl.ParallelFor([1, 2]) as item:
                inner = add(a=item)
        total(numbers=dsl.Collected(inner.output))
        """
    ),
    # OneOf
    "OneOf without Else": in_pipeline(
        """
        with dsl.If(text == 'a'):
            first = say(text='a')
        with dsl.Elif(text == 'b'):
            second = say(text='b')
        say(text=dsl.OneOf(first.output, second.output))
        """
    ),
    "OneOf of two types": in_pipeline(
        """
        with dsl.If(text == 'a'):
            first = say(text='a')
        with dsl.Else():
            second = add(a=1)
        say(text=dsl.OneOf(first.output, second.output))
        """
    ),
    "OneOf in a text": in_pipeline(
        """
        with dsl.If(text == 'a'):
            first = say(text='a')
        with dsl.Else():
            second = say(text='b')
        say(text=f'{dsl.OneOf(first.output, second.output)}')
        """
    ),
    # exit handlers
    "an exit task that depends on a task": in_pipeline(
        "with dsl.ExitHandler(say(text=say(text='a').output)):\n    say(text='b')"
    ),
    "an exit handler inside a condition": in_pipeline(
        """
        with dsl.If(text == 'a'):
            with dsl.ExitHandler(say(text='a')):
                say(text='b')
        """
    ),
    "an output from inside an exit handler": in_pipeline(
        """
        with dsl.ExitHandler(say(text='a')):
            inner = say(text='b')
        say(text=inner.output)
        """
    ),
    "a final status outside an exit task": in_pipeline("clean()"),
    "a final status of two tasks": in_pipeline("clean().after(say(text='a'), say(text='b')).ignore_upstream_failure()"),
    # pipelines
    "a pipeline without tasks": in_pipeline("pass"),
    "a pipeline in a pipeline": in_pipeline("@dsl.pipeline\ndef inner():\n    say(text='a')\ninner()"),
    "an output without an annotation": in_pipeline("return say(text='a').output"),
    "a declared output that is not returned": in_pipeline("say(text='a')", "def p() -> str:"),
    "a returned constant": in_pipeline("say(text='a')\nreturn 'a'", "def p() -> str:"),
    "an output of another type than declared": in_pipeline("return add(a=1).output", "def p() -> str:"),
    "an output from inside a loop, returned": in_pipeline(
        "with dsl.ParallelFor([1]) as item:\n    inner = add(a=item)\nreturn inner.output", "def p() -> int:"
    ),
    "a pipeline parameter without a type": in_pipeline("say(text=text)", "def p(text):"),
    "a workspace that is not there": in_pipeline("say(text=dsl.WORKSPACE_PATH_PLACEHOLDER)"),
    "a bad pipeline name": in_pipeline("say(text='a')").replace("@dsl.pipeline", "@dsl.pipeline(name='ß')"),
    # components
    "a parameter without a type": component("@dsl.component(base_image='i')\ndef c(x):\n    pass\n"),
    "a parameter called Output": component("@dsl.component(base_image='i')\ndef c(Output: str):\n    pass\n"),
    "a type that the IR does not have": component("@dsl.component(base_image='i')\ndef c(x: complex):\n    pass\n"),
    "an artifact with a default": component(
        "@dsl.component(base_image='i')\ndef c(x: dsl.Input[dsl.Dataset] = 'a'):\n    pass\n"
    ),
    "an output list of artifacts": component(
        "@dsl.component(base_image='i')\ndef c(x: dsl.Output[List[dsl.Dataset]]):\n    pass\n"
    ),
    "an artifact class outside the two namespaces": component(
        "class Mine(dsl.Artifact):\n    schema_title = 'mine.Thing'\n\n\n"
        "@dsl.component(base_image='i')\ndef c(x: dsl.Input[Mine]):\n    pass\n"
    ),
    "a container component that returns something": component(
        "@dsl.container_component\ndef c() -> str:\n    return dsl.ContainerSpec(image='i')\n"
    ),
    "a bare artifact in a container component": component(
        "@dsl.container_component\ndef c(x: dsl.Dataset):\n    return dsl.ContainerSpec(image='i', args=[x.uri])\n"
    ),
    "Concat in an f-string": component(
        "@dsl.container_component\ndef c(x: str):\n    return dsl.ContainerSpec(image='i', args=[f'{dsl.ConcatPlaceholder([x])}'])\n"
    ),
    "lists inside Concat": component(
        "@dsl.container_component\ndef c(x: str = 'a'):\n"
        "    return dsl.ContainerSpec(image='i', args=[dsl.ConcatPlaceholder([dsl.IfPresentPlaceholder('x', [x])])])\n"
    ),
    "IfPresent of an unknown input": component(
        "@dsl.container_component\ndef c(x: str = 'a'):\n"
        "    return dsl.ContainerSpec(image='i', args=[dsl.IfPresentPlaceholder('y', [x])])\n"
    ),
    "a number in a command": component(
        "@dsl.container_component\ndef c():\n    return dsl.ContainerSpec(image='i', args=[1])\n"
    ),
    "a negative time limit": component("dsl.PipelineConfig(active_deadline_seconds=-1)\n"),
    "a bad workspace size": component("dsl.WorkspaceConfig(size='big')\n"),
}

OTHER_ERRORS = {
    "output of a task without outputs": AttributeError,
    "an unknown output": KeyError,
    "OneOf in a text": NotImplementedError,
    "a negative time limit": ValueError,
    "a bad workspace size": ValueError,
}


@pytest.mark.parametrize("reason", REFUSED)
def test_both_refuse(reason, both, tmp_path):
    path = tmp_path / "refused.py"
    path.write_text(REFUSED[reason], encoding="utf-8")
    source = both(path)

    errors = {}
    for package in ("kfp", "wherry"):
        with pytest.raises(Exception) as caught:  # noqa: PT011  kfp has no common base
            source.compile(package)
        errors[package] = caught.value

    wanted, ours = errors["kfp"], errors["wherry"]
    assert isinstance(ours, OTHER_ERRORS.get(reason, AuthoringError)), repr(ours)
    for kind in (TypeError, ValueError, KeyError, AttributeError, NotImplementedError):
        if type(wanted) is kind:
            assert isinstance(ours, kind), f"kfp raises {kind.__name__}, wherry {type(ours).__name__}: {ours}"
