from wherry.ir.spec import ContainerSpec
from wherry.testing.lightweight import lightweight_command
from wherry.wiring import normalise_executor

SOURCE = "def add(a: int) -> int:\n    return a\n"


def container(source: str = SOURCE, *, packages: tuple[str, ...] = (), image: str = "python:3.11") -> ContainerSpec:
    return ContainerSpec(image=image, command=tuple(lightweight_command(source, "add", packages=packages)))


def test_a_lightweight_component_counts_by_source_function_packages_and_image() -> None:
    parts = normalise_executor(container(packages=("pandas",)))

    assert (parts["image"], parts["function"], parts["packages"]) == ("python:3.11", "add", "pandas")
    assert parts["source"].endswith(SOURCE)
    assert len(parts) == 4


def test_the_version_of_kfp_that_wrote_a_component_does_not_count() -> None:
    newer = container()
    older = ContainerSpec(
        image=newer.image, command=tuple(part.replace("kfp==2.17.0", "kfp==2.4.0") for part in newer.command)
    )

    assert normalise_executor(older) == normalise_executor(newer)


def test_any_other_container_counts_by_image_command_and_arguments() -> None:
    plain = ContainerSpec(image="alpine:3", command=("sh", "-c"), args=("echo hello",))

    assert normalise_executor(plain) == {"image": "alpine:3", "command": "sh\0-c", "arguments": "echo hello"}
