"""Specifications as the server knows them once they are stored."""

from wherry.ir.digest import decode_package, encode_package
from wherry.ir.spec import ParameterType
from wherry.server.package_outline import outline_of
from wherry.server.packages import outline_of_stored
from wherry.testing.pipelines import loop, pipeline, task


def test_the_head_of_a_stored_specification_says_what_the_whole_does() -> None:
    encoded = encode_package(
        pipeline(
            loop("each", task("inner"), items=[1, 2]),
            parameters={"rows": ParameterType.NUMBER_INTEGER, "name": ParameterType.STRING},
            defaults={"rows": 3},
        )
    )

    assert outline_of_stored(encoded) == outline_of(decode_package(encoded), encoded)
