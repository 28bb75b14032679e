import json

import pytest

from wherry.client.refusals import error_of
from wherry.errors import (
    AlreadyExistsError,
    InfrastructureError,
    InvalidArgumentError,
    NotBuiltError,
    NotFoundError,
    RequestError,
    UnauthenticatedError,
)

URL = "http://h"


def answered(status: int, body: object):
    return error_of(status, json.dumps(body).encode(), url=URL)


def test_the_code_says_which_error_it_is_and_the_hint_is_told_apart() -> None:
    text = "there is no run 'x' (in namespace 'a') (Look in `wherry runs list` (or the page).)"
    error = answered(404, {"code": 5, "message": text, "details": [{"@type": "t", "code": 5, "message": text}]})

    assert (type(error), error.message, error.hint, error.details) == (
        NotFoundError,
        "there is no run 'x' (in namespace 'a')",
        "Look in `wherry runs list` (or the page).",
        (),
    )


def test_details_that_say_more_are_kept() -> None:
    error = answered(400, {"code": 3, "message": "bad", "details": [{"message": "bad: because"}]})

    assert (type(error), error.details) == (InvalidArgumentError, ("bad: because",))


def test_an_upload_has_errors_of_its_own_shape() -> None:
    error = answered(409, {"error_message": "taken", "error_details": "taken (Choose another.)"})

    assert (type(error), error.message, error.hint) == (AlreadyExistsError, "taken", "Choose another.")


def test_a_missing_token_says_where_to_get_one() -> None:
    error = answered(401, {"code": 16, "message": "who are you?"})

    assert (type(error), "WHERRY_TOKEN" in error.hint) == (UnauthenticatedError, True)


@pytest.mark.parametrize(
    ("status", "kind"), [(404, NotFoundError), (418, RequestError), (501, NotBuiltError), (502, InfrastructureError)]
)
def test_without_a_code_the_status_decides(status: int, kind: type[Exception]) -> None:
    error = error_of(status, b"<html>nginx</html>", url=URL)

    assert (type(error), "<html>nginx</html>" in error.message) == (kind, True)
