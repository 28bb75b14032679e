from pathlib import Path

import pytest

from wherry.errors import InvalidArgumentError
from wherry.settings import ImageSettings, settings_from


def test_settings_have_defaults() -> None:
    settings = settings_from({})

    assert settings.process.environment == "isolated"
    assert settings.engine.max_parallel_tasks >= 4


def test_the_environment_wins_over_the_file() -> None:
    settings = settings_from(
        {"WHERRY_ENGINE_MAX_PARALLEL_TASKS": "7"}, toml="[engine]\nmax_parallel_tasks = 3\nlease_seconds = 9"
    )

    assert (settings.engine.max_parallel_tasks, settings.engine.lease_seconds) == (7, 9.0)


def test_lists_and_switches_are_read_from_the_environment() -> None:
    settings = settings_from({"WHERRY_PROCESS_PASS_ENV": "HOME, AWS_PROFILE", "WHERRY_PROCESS_ZYGOTE": "false"})

    assert (settings.process.pass_env, settings.process.zygote) == (("HOME", "AWS_PROFILE"), False)


def test_an_image_is_mapped_to_a_python_and_packages() -> None:
    settings = settings_from({}, toml='[images."team/ml:3"]\npython = "3.11"\npackages = ["pandas"]')

    assert settings.process.images == {"team/ml:3": ImageSettings(python="3.11", packages=("pandas",))}


def test_the_client_is_told_by_our_variables_the_file_and_those_of_kfp() -> None:
    settings = settings_from(
        {
            "WHERRY_HOST": "http://ours",
            "KF_PIPELINES_ENDPOINT": "http://cluster",
            "KF_PIPELINES_DEFAULT_EXPERIMENT_NAME": "theirs",
        },
        toml='[client]\nhost = "http://file"\ntoken = "secret"',
    )

    client = settings.client
    assert (client.host, client.kfp_endpoint, client.token) == ("http://ours", "http://cluster", "secret")
    assert client.default_experiment == "theirs"
    assert "secret" not in repr(settings)


@pytest.mark.parametrize(
    ("environ", "toml", "says"),
    [
        ({"WHERRY_ENGINE_MAX_PARALLEL_TASKS": "many"}, "", "max_parallel_tasks"),
        ({"WHERRY_ENGINE_MAX_PARALLEL_TASKS": "0"}, "", "at least 1"),
        ({"WHERRY_PROCESS_ENVIRONMENT": "docker"}, "", "'isolated' or 'current'"),
        ({}, "[engine]\nparallel = 3", "unknown settings: parallel"),
        ({}, "[motor]", "unknown tables: motor"),
        ({}, "[engine", "not valid TOML"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(environ: dict[str, str], toml: str, says: str) -> None:
    with pytest.raises(InvalidArgumentError, match=says):
        settings_from(environ, toml=toml)


def test_the_state_folder_is_absolute() -> None:
    assert settings_from({"WHERRY_STATE": "/x/y"}).state == Path("/x/y")
