"""What the server needs to know of a specification. Also a program: a package on stdin, its outline on stdout."""

from __future__ import annotations

import sys

import msgspec

from wherry.errors import SpecError
from wherry.ir.digest import encode_package, encoded_digest
from wherry.ir.spec import ComponentSpec, DagSpec, DeploymentSpec, PipelinePackage
from wherry.ir.validate import check
from wherry.ir.yaml import parse_package
from wherry.server.children import limit


class Outline(msgspec.Struct, frozen=True, kw_only=True, tag="outline"):
    """A specification that has been read and checked."""

    name: str
    """``pipelineInfo.name``."""
    display_name: str
    description: str
    encoded: bytes
    """As it is stored (`wherry.ir.digest.encode_package`)."""
    digest: str
    interface: bytes
    """JSON of a PipelineSpec without components, executors and tasks: what arguments are checked against."""


class Refused(msgspec.Struct, frozen=True, kw_only=True, tag="refused"):
    """Why a specification is none."""

    message: str
    hint: str


def read_package(text: bytes, *, source: str) -> Outline:
    """Read and check a package file. Raises SpecError."""
    package = parse_package(text, source=source)
    check(package)
    return outline_of(package, encode_package(package))


def outline_of(package: PipelinePackage, encoded: bytes) -> Outline:
    """The outline of a checked package that ``encoded`` holds."""
    spec = package.spec
    root = ComponentSpec(input_definitions=spec.root.input_definitions, dag=DagSpec())
    interface = msgspec.structs.replace(spec, components={}, deployment_spec=DeploymentSpec(), root=root)
    return Outline(
        name=spec.pipeline_info.name,
        display_name=spec.pipeline_info.display_name,
        description=spec.pipeline_info.description,
        encoded=encoded,
        digest=encoded_digest(encoded),
        interface=msgspec.json.encode(interface),
    )


def _main() -> None:
    limit()
    answer: Outline | Refused
    try:
        answer = read_package(sys.stdin.buffer.read(), source=sys.argv[1])
    except SpecError as error:
        answer = Refused(message=error.message, hint=error.hint)
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer))


if __name__ == "__main__":
    _main()
