"""What kfp compiles for a lightweight component is recognised, whatever options it is given."""

import itertools

import pytest
from kfp import dsl

from wherry.launchers.process.lightweight import LightweightComponent, recognise

PACKAGES = [
    [],
    ["pandas==2.0"],
    ["a[b]>=1; python_version<'3.9'", 'c; extra == "d"', "e @ https://x/e.whl", "git+https://x/y@main"],
]
INDEXES = [None, ["https://a/simple"], ["https://u:p@a/simple", "https://b/simple?x=1"]]
HOSTS = [None, [], ["a", "b:8080"]]
KFP_PACKAGES = [
    None,
    "kfp==2.5.0",
    "git+https://github.com/kubeflow/pipelines@refs/pull/1/merge#subdirectory=sdk/python",
]


def compiled(**options: object) -> LightweightComponent | None:
    @dsl.component(base_image="python:3.11", **options)
    def train(rows: int, label: str = "it's") -> int:
        print('"quotes" && $0', label)
        return rows

    container = train.component_spec.implementation.container
    return recognise([*container.command, *container.args])


@pytest.mark.parametrize(
    ("packages", "indexes", "hosts", "install_kfp", "use_venv"),
    list(itertools.product(PACKAGES, INDEXES, HOSTS, [True, False], [True, False])),
)
def test_the_options_of_a_component_are_read_back_from_its_command(
    packages: list[str], indexes: list[str] | None, hosts: list[str] | None, *, install_kfp: bool, use_venv: bool
) -> None:
    read = compiled(
        packages_to_install=packages,
        pip_index_urls=indexes,
        pip_trusted_hosts=hosts,
        install_kfp_package=install_kfp,
        use_venv=use_venv,
    )

    installs = bool(packages) or install_kfp
    assert read is not None
    assert read.function == "train"
    assert 'def train(rows: int, label: str = "it\'s") -> int:' in read.source
    assert read.packages == tuple(packages)
    assert read.kfp_requirement == ("kfp==2.17.0" if install_kfp else None)
    assert read.index_urls == (tuple(indexes or ()) if installs else ())
    # Without explicit hosts, kfp 2.17.0 trusts every index it is given.
    assert read.trusted_hosts == (tuple(hosts if hosts is not None else indexes or ()) if indexes and installs else ())


@pytest.mark.parametrize("kfp_package", KFP_PACKAGES)
@pytest.mark.parametrize("packages", PACKAGES)
def test_a_kfp_package_path_is_read_back(packages: list[str], kfp_package: str | None) -> None:
    read = compiled(packages_to_install=packages, kfp_package_path=kfp_package)

    expected = kfp_package or "kfp==2.17.0"
    assert read is not None
    if not packages and kfp_package == "kfp==2.5.0":
        # Alone, it cannot be told from a package that the author asks for; then kfp itself is installed.
        assert (read.packages, read.kfp_requirement) == (("kfp==2.5.0",), None)
    else:
        assert (read.packages, read.kfp_requirement) == (tuple(packages), expected)
