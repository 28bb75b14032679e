"""What the author of a component reads who forgot a package."""

from __future__ import annotations

import pytest

from wherry.runtime.missing_module import explain_missing_module


def explained(name: str | None, packages: tuple[str, ...] = ()) -> str:
    error = ModuleNotFoundError("No module named …", name=name)
    return explain_missing_module(error, component="train", image="python:3.11", packages=packages)


def test_component_module_image_packages_and_the_way_out_are_named() -> None:
    assert explained("pandas.core", ("numpy", "six==1.16")) == (
        "Component 'train' imports 'pandas.core', which its environment does not have "
        "(image 'python:3.11' with packages_to_install: 'numpy', 'six==1.16'). "
        "Add 'pandas' to packages_to_install of the component, or use an image that has it."
    )


def test_without_packages_it_says_nothing_was_asked_for() -> None:
    assert "(image 'python:3.11' with packages_to_install: nothing)" in explained("pandas")


@pytest.mark.parametrize(
    ("module", "distribution"),
    [
        ("sklearn.linear_model", "scikit-learn"),
        ("yaml", "PyYAML"),
        ("google.cloud.storage.blob", "google-cloud-storage"),
    ],
)
def test_the_name_on_the_index_is_suggested(module: str, distribution: str) -> None:
    assert f"Add {distribution!r} to" in explained(module)


def test_a_refusal_of_the_stand_ins_is_passed_on() -> None:
    error = ModuleNotFoundError("kfp.compiler is not available inside a task: …")

    text = explain_missing_module(error, component="train", image="python:3.11", packages=())
    assert text == "Component 'train': kfp.compiler is not available inside a task: …"
