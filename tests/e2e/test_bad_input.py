"""What cannot run is refused by name before anything is recorded."""

from pathlib import Path

import pytest
from command import PIPELINES, Command

LEDGER = str(PIPELINES / "ledger.py")


def refused(wherry: Command, *arguments: str) -> str:
    done = wherry(*arguments)
    assert done.returncode == 2, done.stdout
    assert "No runs yet" in wherry("runs", "list").stdout
    assert "Traceback" not in done.stdout
    return str(done.stdout)


@pytest.mark.parametrize(
    ("params", "says"),
    [
        (["ledger=/x", "sekonds=3"], ["sekonds", "seconds"]),
        ([], ["ledger"]),
        (["ledger=/x", "seconds=soon"], ["seconds", "soon"]),
        (["ledger"], ["--param name=value"]),
    ],
)
def test_an_argument_that_does_not_fit_is_named(wherry: Command, params: list[str], says: list[str]) -> None:
    output = refused(wherry, "run", LEDGER, *(word for param in params for word in ("--param", param)))

    assert [word for word in says if word not in output] == []


def test_a_cycle_is_named(wherry: Command, tmp_path: Path) -> None:
    compiled = compile_ledger(wherry, tmp_path)
    text = compiled.read_text().replace(
        "step:\n        cachingOptions", "step:\n        dependentTasks:\n        - gather\n        cachingOptions", 1
    )
    compiled.write_text(text)

    output = refused(wherry, "run", str(compiled), "--param", "ledger=/x")

    assert "cycle" in output


def test_a_dangling_reference_is_named_with_its_place(wherry: Command, tmp_path: Path) -> None:
    compiled = compile_ledger(wherry, tmp_path)
    compiled.write_text(compiled.read_text().replace("producerTask: step\n", "producerTask: nowhere\n", 1))

    output = refused(wherry, "run", str(compiled), "--param", "ledger=/x")

    assert "nowhere" in output
    assert "root.dag.tasks" in output


def compile_ledger(wherry: Command, folder: Path) -> Path:
    compiled = folder / "ledger.yaml"
    done = wherry("compile", LEDGER, "-o", str(compiled))
    assert done.returncode == 0, done.stdout
    return compiled


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "a: &a [x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9)),
        "",
        "pipelineInfo: {name: x}\nroot: {}\nschemaVersion: 9.9.9\n",
        "\0\1\2",
    ],
    ids=["100,000 nested [", "alias bomb", "empty", "unknown schema", "binary"],
)
def test_rubbish_is_refused(wherry: Command, tmp_path: Path, text: str) -> None:
    file = tmp_path / "rubbish.yaml"
    file.write_text(text)

    output = refused(wherry, "run", str(file))

    assert "error: " in output


def test_a_file_that_is_not_there_is_named(wherry: Command) -> None:
    assert "nothing.py" in refused(wherry, "run", "nothing.py")


def test_a_file_without_a_pipeline_says_so(wherry: Command, tmp_path: Path) -> None:
    (tmp_path / "empty.py").write_text("x = 1\n")

    assert "defines no pipeline" in refused(wherry, "run", str(tmp_path / "empty.py"))
