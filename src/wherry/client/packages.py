"""Pipelines as they are sent: compiled from a function, or read from a package file."""

from __future__ import annotations

import importlib
import tarfile
import tempfile
import warnings
import zipfile
from pathlib import Path
from typing import Any, Final

import msgspec

from wherry.compiler import compile_package
from wherry.dsl.components import Component
from wherry.errors import InvalidArgumentError, NotFoundError
from wherry.ir.spec import CachingOptions, ComponentSpec, DagSpec, PipelinePackage
from wherry.ir.yaml import parse_package

_SUFFIXES: Final = (".yaml", ".yml", ".json")
_LIMIT: Final = 32 << 20


def is_kfp_component(value: object) -> bool:
    """Whether ``value`` is a component or pipeline of an installed kfp. kfp is not imported for the question."""
    return any(
        kind.__module__ == "kfp.dsl.base_component" and kind.__name__ == "BaseComponent" for kind in type(value).__mro__
    )


def package_of(pipeline: Any) -> PipelinePackage:
    """Compile a pipeline or component: ours with our compiler, kfp's with kfp's own.

    Raises:
        AuthoringError: ours cannot be expressed in the IR.
        InvalidArgumentError: kfp's compiler refuses it, or it is no pipeline.
    """
    if isinstance(pipeline, Component):
        return compile_package(pipeline)
    if not is_kfp_component(pipeline):
        raise InvalidArgumentError(
            f"{pipeline!r} of type {type(pipeline).__name__} is no pipeline",
            hint="Decorate the function with @dsl.pipeline.",
        )
    return parse_package(compiled_by_kfp(pipeline), source=f"kfp's {pipeline.name!r}")


def read_file(path: str) -> bytes:
    """A package file's bytes as they are.

    Raises:
        NotFoundError: there is no such file.
    """
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise NotFoundError(
            f"there is no file {path!r}", hint="Name a compiled pipeline: a .yaml file, or one in a .zip or .tar.gz."
        ) from None


def read_package_file(path: str) -> PipelinePackage:
    """The package in a file: YAML or JSON, or an archive with one such file, as KFP takes them.

    Raises:
        NotFoundError: there is no such file.
        InvalidArgumentError, SpecError: it is no package.
    """
    content = read_file(path)
    if path.endswith(".zip"):
        content = _from_zip(path)
    elif path.endswith((".tar.gz", ".tgz")):
        content = _from_tar(path)
    return parse_package(content, source=path)


def message_of(package: PipelinePackage) -> msgspec.Raw:
    """The package as ``pipeline_spec`` of the API: the spec itself, or wrapped if it has platform settings."""
    spec = msgspec.json.encode(package.spec)
    if package.platform is None:
        return msgspec.Raw(spec)
    documents = {"pipeline_spec": msgspec.Raw(spec), "platform_spec": package.platform}
    return msgspec.Raw(msgspec.json.encode(documents))


def with_caching(package: PipelinePackage, options: CachingOptions) -> PipelinePackage:
    """The package with these options on every task. kfp's client sets them on the tasks of the root alone."""
    spec = package.spec
    components = {
        name: msgspec.structs.replace(component, dag=_cached(component.dag, options))
        for name, component in spec.components.items()
    }
    root: ComponentSpec = msgspec.structs.replace(spec.root, dag=_cached(spec.root.dag, options))
    return PipelinePackage(
        spec=msgspec.structs.replace(spec, root=root, components=components), platform=package.platform
    )


def _cached(dag: DagSpec | None, options: CachingOptions) -> DagSpec | None:
    if dag is None:
        return None
    tasks = {name: msgspec.structs.replace(task, caching_options=options) for name, task in dag.tasks.items()}
    return msgspec.structs.replace(dag, tasks=tasks)


def compiled_by_kfp(pipeline: Any) -> bytes:
    """The package file that kfp's own compiler writes for a pipeline or component of kfp.

    Raises:
        InvalidArgumentError: it refuses it.
    """
    compiler = importlib.import_module("kfp.compiler")
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # kfp warns about itself
        path = Path(folder) / "pipeline.yaml"
        try:
            compiler.Compiler().compile(pipeline, str(path))
        except Exception as error:
            raise InvalidArgumentError(
                f"kfp's compiler refuses {pipeline.name!r}: {type(error).__name__}: {error}",
                hint="It refuses some right pipelines, too: `--compiler wherry` tries with wherry's own compiler.",
            ) from error
        return path.read_bytes()


def _from_zip(path: str) -> bytes:
    try:
        with zipfile.ZipFile(path) as archive, archive.open(_the_one(path, archive.namelist())) as member:
            return member.read(_LIMIT)
    except zipfile.BadZipFile as error:
        raise InvalidArgumentError(f"{path!r} is no zip file: {error}") from error


def _from_tar(path: str) -> bytes:
    try:
        with tarfile.open(path, "r:gz") as archive:
            member = archive.extractfile(_the_one(path, archive.getnames()))
            if member is None:
                raise InvalidArgumentError(f"what {path!r} holds is no plain file")
            return member.read(_LIMIT)
    except tarfile.TarError as error:
        raise InvalidArgumentError(f"{path!r} is no tar.gz file: {error}") from error


def _the_one(path: str, names: list[str]) -> str:
    """The rule of kfp: ``pipeline.yaml`` if there is one, else the only package file."""
    packages = [name for name in names if name.endswith(_SUFFIXES)]
    if "pipeline.yaml" in packages:
        return "pipeline.yaml"
    if len(packages) != 1:
        raise InvalidArgumentError(
            f"{path!r} holds {len(packages)} package files, and should hold one",
            hint="Call it pipeline.yaml if there are others beside it.",
        )
    return packages[0]
