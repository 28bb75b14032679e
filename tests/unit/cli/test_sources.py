from pathlib import Path

import pytest

from wherry.cli.sources import CompilerChoice, arguments_from, load_package, load_pipeline
from wherry.errors import InvalidArgumentError, NotFoundError, SpecError

HEAD = """
from {package} import dsl

@dsl.component(base_image="python:3.11")
def one(n: int) -> int:
    return n

@dsl.pipeline
def inner_part(n: int) -> int:
    return one(n=n).output

"""
OUTER = """
@dsl.pipeline
def whole(n: int = 1) -> int:
    return inner_part(n=n).output
"""
OTHER = """
@dsl.pipeline
def other(n: int = 1) -> int:
    return one(n=n).output
"""

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")


def written(folder: Path, text: str, package: str = "wherry") -> str:
    path = folder / "pipelines.py"
    path.write_text(text.format(package=package))
    return str(path)


@pytest.mark.parametrize("package", ["wherry", "kfp"])
def test_a_pipeline_that_is_part_of_another_is_not_the_one(tmp_path: Path, package: str) -> None:
    assert load_pipeline(written(tmp_path, HEAD + OUTER, package)).name == "whole"


def test_pipelines_that_stand_side_by_side_have_to_be_told_apart(tmp_path: Path) -> None:
    source = written(tmp_path, HEAD + OUTER + OTHER)

    with pytest.raises(InvalidArgumentError, match="other, whole"):
        load_pipeline(source)
    assert load_pipeline(source, function="inner_part").name == "inner-part"


def test_what_the_file_has_is_named_when_something_else_was_asked_for(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="'nothing'") as refused:
        load_pipeline(written(tmp_path, HEAD), function="nothing")

    assert "inner_part, one" in refused.value.hint


@pytest.mark.parametrize(
    ("text", "says"),
    [("x = 1", "defines no pipeline"), ("x = 1 +", "SyntaxError"), ("raise ValueError('mine')", "ValueError: mine")],
)
def test_a_file_without_a_pipeline_says_why(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InvalidArgumentError, match=says):
        load_pipeline(written(tmp_path, text))


def test_what_kfp_refuses_may_be_tried_without_it(tmp_path: Path) -> None:
    mixed = """
@dsl.component(base_image="python:3.11")
def half(x: float) -> float:
    return x / 2

@dsl.pipeline
def mixed():
    with dsl.ParallelFor([{{"text": "a", "x": 0.1}}, {{"text": "b", "x": 1}}]) as item:
        half(x=item.x)
"""
    source = written(tmp_path, HEAD + mixed, "kfp")

    with pytest.raises(InvalidArgumentError) as refused:
        load_pipeline(source, function="mixed")
    assert "--compiler wherry" in refused.value.hint
    assert load_pipeline(source, function="mixed", compiler=CompilerChoice.WHERRY).name == "mixed"


def test_a_compiled_file_holds_one_pipeline_and_takes_no_function(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("a: 1")

    with pytest.raises(InvalidArgumentError, match="--function"):
        load_package(str(tmp_path / "p.yaml"), function="f")
    with pytest.raises(SpecError):
        load_package(str(tmp_path / "p.yaml"))


def test_arguments_are_read_by_their_declared_types(tmp_path: Path) -> None:
    spec = load_package(written(tmp_path, HEAD + OUTER), compiler=CompilerChoice.WHERRY).spec

    assert arguments_from(spec, ["n=3"]) == {"n": 3}
    with pytest.raises(InvalidArgumentError, match="no '='"):
        arguments_from(spec, ["n"])
