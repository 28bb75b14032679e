# ruff: noqa: ICN001  written as authors write it
from kfp import dsl


@dsl.component(base_image="python:3.11", packages_to_install=["pandas==2.2.0", "scikit-learn>=1.4"])
def with_packages():
    import pandas  # noqa: F401


@dsl.component(base_image="python:3.11", packages_to_install=["kfp==2.10.0"])
def brings_kfp():
    pass


@dsl.component(base_image="python:3.11", install_kfp_package=False)
def nothing_installed():
    pass


@dsl.component(base_image="python:3.11", packages_to_install=["a"], install_kfp_package=False)
def only_its_own():
    pass


@dsl.component(
    base_image="python:3.11",
    packages_to_install=["a", 'b; python_version<"3.12"'],
    pip_index_urls=["https://one.example/simple", "https://two.example/simple"],
)
def from_indexes():
    pass


@dsl.component(
    base_image="python:3.11", pip_index_urls=["https://one.example/simple"], pip_trusted_hosts=["one.example"]
)
def trusted():
    pass


@dsl.component(base_image="python:3.11", pip_index_urls=["https://one.example/simple"], pip_trusted_hosts=[])
def not_trusted():
    pass


@dsl.component(base_image="python:3.11", kfp_package_path="git+https://example.com/kfp@refs/pull/1/head", use_venv=True)
def other_kfp():
    pass


@dsl.component(base_image="python:3.11", use_venv=True, packages_to_install=["a"])
def in_venv():
    pass


@dsl.component(base_image="python:3.11", target_image="registry.example/image:1", packages_to_install=["a"])
def containerized(x: int) -> int:
    return x


@dsl.component
def default_image():
    pass


def helper(x):
    return x + 1


@dsl.component(base_image="python:3.11", additional_funcs=[helper])
def with_helper(x: int) -> int:
    return helper(x)


@dsl.pipeline
def packages():
    with_packages()
    brings_kfp()
    nothing_installed()
    only_its_own()
    from_indexes()
    trusted()
    not_trusted()
    other_kfp()
    in_venv()
    containerized(x=1)
    default_image()
    with_helper(x=1)
