import io
import json
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from wherry import dsl
from wherry.client import packages
from wherry.compiler import compile_package, package_text
from wherry.errors import InvalidArgumentError, NotFoundError
from wherry.ir.spec import CachingOptions
from wherry.ir.yaml import parse_package


@dsl.component
def work(n: int) -> int:
    return n


@dsl.pipeline
def inner(n: int) -> int:
    return work(n=n).output


@dsl.pipeline(pipeline_config=dsl.PipelineConfig(workspace=dsl.WorkspaceConfig(size="1Gi")))
def outer(n: int = 1):
    inner(n=n)
    with dsl.ParallelFor([1, 2]) as item:
        work(n=item)


TEXT = package_text(compile_package(outer)).encode()


def zipped(path: Path, *names: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, TEXT)


def tarred(path: Path, *names: str) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = len(TEXT)
            archive.addfile(member, io.BytesIO(TEXT))


def test_caching_is_set_on_tasks_at_any_depth() -> None:
    package = packages.with_caching(compile_package(outer), CachingOptions(enable_cache=True, cache_key="k"))

    dags = [package.spec.root.dag, *(component.dag for component in package.spec.components.values())]
    options = [task.caching_options for dag in dags if dag is not None for task in dag.tasks.values()]
    assert options == [CachingOptions(enable_cache=True, cache_key="k")] * 4


def test_a_package_with_platform_settings_is_sent_wrapped_and_read_back_whole() -> None:
    package = parse_package(TEXT)

    message = packages.message_of(package)

    assert set(json.loads(bytes(message))) == {"pipeline_spec", "platform_spec"}
    assert parse_package(bytes(message)) == package


def test_a_package_without_them_is_sent_as_its_specification() -> None:
    package = compile_package(inner)

    assert msgspec.json.decode(packages.message_of(package))["pipelineInfo"] == {"name": "inner"}


@pytest.mark.parametrize(("pack", "suffix"), [(zipped, ".zip"), (tarred, ".tar.gz"), (tarred, ".tgz")])
@pytest.mark.parametrize("names", [("only.yaml",), ("pipeline.yaml", "other.yaml"), ("a.yaml", "notes.txt")])
def test_an_archive_is_read_by_the_rule_of_kfp(
    tmp_path: Path, pack: Callable[..., None], suffix: str, names: tuple[str, ...]
) -> None:
    path = tmp_path / f"package{suffix}"
    pack(path, *names)

    assert packages.read_package_file(str(path)) == parse_package(TEXT)


@pytest.mark.parametrize("names", [(), ("a.yaml", "b.yaml"), ("a.txt",)])
def test_an_archive_without_one_package_is_refused(tmp_path: Path, names: tuple[str, ...]) -> None:
    zipped(tmp_path / "p.zip", *names)

    with pytest.raises(InvalidArgumentError, match="package files"):
        packages.read_package_file(str(tmp_path / "p.zip"))


@pytest.mark.parametrize("name", ["p.zip", "p.tar.gz"])
def test_what_is_no_archive_is_refused_by_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"nothing of the kind")

    with pytest.raises(InvalidArgumentError, match=name):
        packages.read_package_file(str(tmp_path / name))


def test_a_missing_file_is_named() -> None:
    with pytest.raises(NotFoundError, match=r"'missing\.yaml'"):
        packages.read_package_file("missing.yaml")


def test_what_is_no_pipeline_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="is no pipeline"):
        packages.package_of(lambda: None)
