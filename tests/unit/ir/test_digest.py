"""A package's bytes and name do not depend on the way it came."""

import pytest

from wherry.errors import SpecError
from wherry.ir.digest import decode_package, digest_package, encode_package, encoded_digest
from wherry.ir.spec import ComponentSpec, DagSpec, PipelineInfo, PipelinePackage, PipelineSpec, PlatformSpec
from wherry.ir.spec import SinglePlatformSpec as Settings


def package_of(config: dict[str, object]) -> PipelinePackage:
    spec = PipelineSpec(pipeline_info=PipelineInfo(name="p"), root=ComponentSpec(dag=DagSpec()), schema_version="2.1.0")
    return PipelinePackage(spec=spec, platform=PlatformSpec(platforms={"kubernetes": Settings(config=config)}))


def test_bytes_are_canonical_json() -> None:
    assert (
        encode_package(package_of({"b": 1.0, "a": [2.5, "ü"]}))
        == (
            '{"platform":{"platforms":{"kubernetes":{"config":{"a":[2.5,"ü"],"b":1}}}},'
            '"spec":{"pipelineInfo":{"name":"p"},"root":{"dag":{}},"schemaVersion":"2.1.0"}}'
        ).encode()
    )


def test_order_and_the_writing_of_numbers_do_not_change_the_digest() -> None:
    one, other = package_of({"a": 1, "b": [2]}), package_of({"b": [2.0], "a": 1.0})

    assert digest_package(one) == digest_package(other) == encoded_digest(encode_package(one))


def test_any_other_difference_changes_the_digest() -> None:
    assert digest_package(package_of({"a": 1})) != digest_package(package_of({"a": "1"}))


def test_a_package_is_read_back_equal() -> None:
    package = package_of({"a": [1, 2.5, None, {"b": True}]})

    assert decode_package(encode_package(package)) == package


@pytest.mark.parametrize("raw", [b"", b"{}", b"[" * 100_000, b'{"spec": 1}'])
def test_bytes_of_another_origin_are_a_spec_error(raw: bytes) -> None:
    with pytest.raises(SpecError, match="a stored specification cannot be read"):
        decode_package(raw)
