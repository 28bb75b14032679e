"""Values that do not fit, in messages and as parameters: each is refused by name, and the server goes on."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from command import PIPELINES, Command
from served import Served, served

NONE = "00000000-0000-0000-0000-000000000000"
DEEP = "[" * 100_000 + "]" * 100_000
LONG = "x" * 100_000


class Raw(str):
    """JSON as it is to be sent."""

    __slots__ = ()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("values")
    done = Command(folder / "unused")("compile", str(PIPELINES / "typed.py"), "-o", str(folder / "typed.yaml"))
    assert done.returncode == 0, done.stdout
    with served(folder / "state") as running:
        made = running.upload("/pipelines/upload?name=typed", "typed.yaml", (folder / "typed.yaml").read_bytes())
        assert made.status == 200, made.body
        PLACES["PIPELINE"] = made.json["pipeline_id"]
        versions = running.get(f"/pipelines/{made.json['pipeline_id']}/versions").json["pipeline_versions"]
        PLACES["VERSION"] = versions[0]["pipeline_version_id"]
        yield running
        assert "Traceback" not in running.stop()


#: Stand-ins in the tables below for what only a running server has.
PLACES: dict[str, str] = {}


def filled(text: str) -> str:
    for name, value in PLACES.items():
        text = text.replace(name, value)
    return text


# -- parameters of a run ----------------------------------------------------------------------------------------------

#: Name of a parameter of typed.py, values that it does not take, a word of the answer.
PARAMETERS: list[tuple[str, list[Any], str]] = [
    ("text", [1, 1.5, True, [], {}, ["a"], {"a": 1}], "takes a text"),
    ("text", ["a\0b", Raw('"\\u0000"')], "NUL"),
    ("whole", ["1", "", "one", 1.5, True, False, [], {}, [1], "0x10", "1e3"], "whole number"),
    ("number", ["1", "", "pi", True, [], {}, "NaN", "Infinity"], "takes a number"),
    ("number", [10**400], "number"),
    ("flag", [0, 1, "true", "True", "", "yes", [], {}, 0.0], "true or false"),
    ("many", ["[]", "a", 1, {}, {"a": 1}, True, ""], "takes a list"),
    ("many", [["a\0"], [["\0"]], [{"a": "\0"}], [{"a\0": 1}]], "NUL"),
    ("fields", ["{}", "a", 1, [], [1], True, ""], "takes a mapping"),
    ("fields", [{"a": "\0"}, {"\0": 1}, {"a": ["\0"]}], "NUL"),
    ("many", [Raw(DEEP), Raw('{"a":' * 5000 + "1" + "}" * 5000)], "recursion depth"),
    ("text", [Raw("NaN"), Raw("Infinity"), Raw("-Infinity"), Raw("undefined"), Raw("'a'"), Raw("01"), Raw('"\\x"')], "JSON"),
    ("text", [Raw('"\\ud800"'), Raw('"\\udc00\\ud800"')], ""),
    ("missing", ["a", 1, None, [], {}], "no parameter 'missing'"),
    ("Text", ["a"], "no parameter 'Text'"),
    ("text ", ["a"], "no parameter 'text '"),
    ("", ["a"], "no parameter ''"),
    ("\0", ["a"], "no parameter"),
    ("__class__", ["a"], "no parameter '__class__'"),
    ("text'; DROP TABLE runs; --", ["a"], "no parameter 'text'"),
    (LONG, ["a"], "no parameter"),
]  # fmt: skip

PARAMETER_CASES = [(name, value, word) for name, values, word in PARAMETERS for value in values]


@pytest.mark.parametrize(
    ("name", "value", "word"),
    PARAMETER_CASES,
    ids=[f"{n}-{name[:12]!a}" for n, (name, _, _) in enumerate(PARAMETER_CASES)],
)
def test_a_parameter_that_does_not_fit_is_refused_by_name(server: Served, name: str, value: Any, word: str) -> None:
    given = {json.dumps(one): "1" if one == "whole" else '"x"' for one in ("text",)}
    given[json.dumps(name)] = str(value) if isinstance(value, Raw) else json.dumps(value)
    parameters = "{" + ",".join(f"{key}:{one}" for key, one in given.items()) + "}"
    body = (
        f'{{"display_name":"x","pipeline_version_reference":{{"pipeline_id":"{PLACES["PIPELINE"]}"}},'
        f'"runtime_config":{{"parameters":{parameters}}}}}'
    )

    with server.unharmed():
        answer = server.post("/runs", raw=body.encode())

    assert (answer.status, word in answer.message) == (400, True), answer.body[:2000]


def test_a_parameter_that_is_missing_is_named(server: Served) -> None:
    body = {"display_name": "x", "pipeline_version_reference": {"pipeline_id": PLACES["PIPELINE"]}}

    with server.unharmed():
        answer = server.post("/runs", body)

    assert (answer.status, "'text' has no value" in answer.message) == (400, True), answer.body


def test_every_wrong_parameter_is_named_at_once(server: Served) -> None:
    body = {
        "display_name": "x",
        "pipeline_version_reference": {"pipeline_id": PLACES["PIPELINE"]},
        "runtime_config": {"parameters": {"whole": "one", "flag": 3, "what": 1}},
    }

    answer = server.post("/runs", body)

    assert [name for name in ("'text'", "'whole'", "'flag'", "'what'") if name not in answer.message] == []


# -- messages ---------------------------------------------------------------------------------------------------------

RUN = '"display_name":"x","pipeline_version_reference":{"pipeline_id":"PIPELINE"},"runtime_config":{"parameters":{"text":"x"}}'

#: (method, path, body, status, words of the answer)
MESSAGES: list[tuple[str, str, str, int, str]] = [
    # No JSON, or no object.
    *(
        ("POST", path, body, 400, "no JSON object")
        for path in ("/experiments", "/runs", "/pipelines", "/pipelines/create")
        for body in ("[]", "1", '"x"', "true", "{", "{}}", "{'a': 1}", '{"a"}', '{"a":}', "{,}", "\0", "\ufeff{}", "NaN",
                     DEEP, '{"a":' * 100_000, '{"display_name": "\\ud800"', "<xml/>", "a=b", "--xyz\r\n", '{"a": 01}')
    ),
    # Unknown fields, and known ones of the wrong kind.
    *(
        ("POST", path, f'{{"{field}": 1}}', 400, "unknown field")
        for path in ("/experiments", "/runs", "/pipelines", "/pipelines/create")
        for field in ("frobnicate", "DISPLAY_NAME", "display-name", " display_name", "", "__init__", "@type", "\\u0000")
    ),
    *(
        ("POST", path, f'{{"display_name": {value}}}', 400, "display_name")
        for path in ("/experiments", "/runs", "/pipelines")
        for value in ("1", "[]", "{}", "true", '["x"]')
    ),
    *(
        ("POST", path, f'{{"display_name": {value}}}', 400, word)
        for path, words in (("/experiments", ("needs a display_name", "display_name has", "display_name holds")), ("/pipelines", ("needs a name", "name has", "name holds")))
        for value, word in (('""', words[0]), ("null", words[0]), (f'"{LONG}"', words[1]), ('"a\\u0000b"', words[2]), ('"\\ud800"', "no JSON object"))
    ),
    ("POST", "/pipelines", "{}", 400, "needs a name"),
    ("POST", "/pipelines", '{"name": ""}', 400, "needs a name"),
    ("POST", "/pipelines", f'{{"name": "{LONG}"}}', 400, "name has"),
    ("POST", "/pipelines", '{"name": "typed"}', 409, "exists"),
    ("POST", "/pipelines", '{"name": "x", "tags": {"a.b": "c"}}', 400, "a.b"),
    ("POST", "/pipelines", '{"name": "x", "tags": {"": "c"}}', 400, "tag"),
    ("POST", "/pipelines", '{"name": "x", "tags": {"a": 1}}', 400, "tags"),
    ("POST", "/pipelines", '{"name": "x", "tags": ["a"]}', 400, "tags"),
    ("POST", "/pipelines", '{"name": "x", "tags": "a"}', 400, "tags"),
    ("POST", "/pipelines", json.dumps({"name": "x", "tags": {str(n): "" for n in range(21)}}), 400, "21 tags"),
    ("POST", "/pipelines", json.dumps({"name": "x", "tags": {"a" * 64: ""}}), 400, "tag"),
    ("POST", "/pipelines", json.dumps({"name": "x", "tags": {"a": "b" * 64}}), 400, "tag"),
    ("POST", "/pipelines", json.dumps({"name": "x", "description": LONG}), 400, "description"),
    ("POST", "/pipelines", '{"name": "x", "created_at": 5}', 400, "created_at"),
    ("POST", "/experiments", json.dumps({"display_name": "x", "description": LONG}), 400, "description"),
    ("POST", "/experiments", '{"display_name": "Default"}', 409, "exists"),
    # Pipelines with versions.
    ("POST", "/pipelines/create", "{}", 400, "both needed"),
    ("POST", "/pipelines/create", '{"pipeline": {"name": "x"}}', 400, "both needed"),
    ("POST", "/pipelines/create", '{"pipeline": {"name": "x"}, "pipeline_version": {}}', 400, "pipeline_spec"),
    ("POST", "/pipelines/create", '{"pipeline": [], "pipeline_version": {}}', 400, "pipeline"),
    ("POST", "/pipelines/create", '{"pipeline": {"nam": 1}, "pipeline_version": {}}', 400, 'in "pipeline"'),
    ("POST", "/pipelines/create", '{"pipeline": {"name": "x"}, "pipeline_version": {"pipeline_spec": {}}}', 400, "no pipeline specification"),
    ("POST", "/pipelines/create", '{"pipeline": {"name": "x"}, "pipeline_version": {"pipeline_spec": 1}}', 400, "a mapping"),
    ("POST", "/pipelines/create", '{"pipeline": {"name": "x"}, "pipeline_version": {"pipeline_spec": {"root": 1}}}', 400, "root"),
    ("POST", "/pipelines/create", '{"pipeline": {"name": "x"}, "pipeline_version": {"package_url": {"pipeline_url": "http://169.254.169.254/"}}}', 403, "only https is"),
    ("POST", "/pipelines/create", '{"pipeline": {"name": "x"}, "pipeline_version": {"package_url": {"pipeline_url": "file:///etc/passwd"}}}', 403, "only https is"),
    ("POST", f"/pipelines/{NONE}/versions", '{"name": "v", "pipeline_spec": {"root": 1}}', 404, NONE),
    ("POST", "/pipelines/PIPELINE/versions", "{}", 400, "pipeline_spec"),
    ("POST", "/pipelines/PIPELINE/versions", '{"name": "v"}', 400, "pipeline_spec"),
    ("POST", "/pipelines/PIPELINE/versions", '{"name": "v", "pipeline_spec": []}', 400, "a list"),
    ("POST", "/pipelines/PIPELINE/versions", '{"name": "v", "pipeline_spec": "x"}', 400, "a text"),
    ("POST", "/pipelines/PIPELINE/versions", '{"name": "v", "pipeline_spec": {"root": ' + DEEP + "}}", 400, "recursion depth"),
    ("POST", "/pipelines/PIPELINE/versions", '{"name": "v", "pipeline_spec": {"root": "\\ud800", "schemaVersion": "2.1.0"}}', 400, ""),
    ("PATCH", f"/pipelines/{NONE}", "{}", 404, NONE),
    ("PATCH", "/pipelines/PIPELINE", '{"display_name": 1}', 400, "display_name"),
    ("PATCH", "/pipelines/PIPELINE", '{"tags": {"a.b": "c"}}', 400, "a.b"),
    ("PATCH", "/pipelines/PIPELINE", '{"nothing": 1}', 400, "nothing"),
    ("PATCH", "/pipelines/PIPELINE", "[]", 400, "no JSON object"),
    # Runs.
    ("POST", "/runs", "", 400, "display_name"),
    ("POST", "/runs", "{}", 400, "display_name"),
    ("POST", "/runs", "null", 400, ""),
    ("POST", "/runs", '{"display_name": "x"}', 400, "in one way"),
    ("POST", "/runs", f"{{{RUN}}}".replace('"x"', f'"{LONG}"', 1), 400, "display_name has"),
    ("POST", "/runs", f"{{{RUN}}}".replace('"x"', '"\\u0000"', 1), 400, "display_name holds"),
    ("POST", "/runs", '{"display_name": "x", "pipeline_spec": {}}', 400, "no pipeline specification"),
    ("POST", "/runs", '{"display_name": "x", "pipeline_spec": 3}', 400, "a mapping"),
    ("POST", "/runs", '{"display_name": "x", "pipeline_spec": {"root": 1}}', 400, "root"),
    ("POST", "/runs", '{"display_name": "x", "pipeline_spec": {"pipelineInfo": {"name": "x"}, "root": {}, "schemaVersion": "2.1.0"}}', 400, "root"),
    ("POST", "/runs", '{"display_name": "x", "pipeline_version_reference": {}}', 400, "names no pipeline"),
    ("POST", "/runs", '{"display_name": "x", "pipeline_version_reference": []}', 400, "pipeline_version_reference"),
    ("POST", "/runs", '{"display_name": "x", "pipeline_version_reference": {"pipeline_id": 1}}', 400, "pipeline_id"),
    ("POST", "/runs", '{"display_name": "x", "pipeline_version_reference": {"id": "1"}}', 400, 'unknown field "id"'),
    ("POST", "/runs", f'{{"display_name": "x", "pipeline_version_reference": {{"pipeline_id": "{NONE}"}}}}', 404, NONE),
    ("POST", "/runs", '{"display_name": "x", "pipeline_version_reference": {"pipeline_id": "a\\u0000b"}}', 404, ""),
    ("POST", "/runs", '{"display_name": "x", "pipeline_version_reference": {"pipeline_id": "\' OR 1=1 --"}}', 404, "OR 1=1"),
    ("POST", "/runs", f'{{"display_name": "x", "pipeline_version_reference": {{"pipeline_version_id": "{NONE}"}}}}', 404, NONE),
    ("POST", "/runs", f'{{"display_name": "x", "pipeline_version_id": "{NONE}"}}', 404, NONE),
    ("POST", "/runs", f'{{"display_name": "x", "pipeline_version_reference": {{"pipeline_id": "{NONE}", "pipeline_version_id": "VERSION"}}}}', 400, "not of"),
    ("POST", "/runs", f'{{{RUN},"pipeline_spec":{{}}}}', 400, "in one way"),
    ("POST", "/runs", f'{{{RUN},"experiment_id":"{NONE}"}}', 404, NONE),
    ("POST", "/runs", f'{{{RUN},"experiment_id":7}}', 400, "experiment_id"),
    ("POST", f"/runs?experiment_id={NONE}", f"{{{RUN}}}", 404, NONE),
    ("POST", "/runs", f'{{{RUN},"plugins_input":{{"a":{{}}}}}}', 400, "plugins"),
    ("POST", "/runs", f'{{{RUN},"service_account":"{"x" * 254}"}}', 400, "service_account"),
    ("POST", "/runs", f'{{{RUN},"description":"a\\u0000"}}', 400, "description"),
    ("POST", "/runs", f'{{{RUN},"state":5}}', 400, "state"),
    ("POST", "/runs", f'{{{RUN},"created_at":[]}}', 400, "created_at"),
    ("POST", "/runs", '{"display_name":"x","runtime_config":[]}', 400, "runtime_config"),
    ("POST", "/runs", '{"display_name":"x","runtime_config":{"parameters":[]}}', 400, "runtime_config.parameters"),
    ("POST", "/runs", '{"display_name":"x","runtime_config":{"parameter":{}}}', 400, 'in "runtime_config"'),
    ("POST", "/runs", '{"display_name":"x","runtime_config":{"pipeline_root":7}}', 400, "pipeline_root"),
    *(
        ("POST", f"/runs/{NONE}:{verb}", "", 404, NONE)
        for verb in ("terminate", "retry", "archive", "unarchive")
    ),
    *(("POST", f"/experiments/{NONE}:{verb}", "", 404, NONE) for verb in ("archive", "unarchive")),
    ("POST", f"/runs/{NONE}:explode", "", 405, "Not Allowed"),
    ("DELETE", f"/runs/{NONE}", "", 404, NONE),
    ("DELETE", f"/experiments/{NONE}", "", 404, NONE),
    ("DELETE", f"/pipelines/{NONE}", "", 404, NONE),
    ("DELETE", f"/pipelines/{NONE}/versions/{NONE}", "", 404, NONE),
    ("DELETE", "/pipelines/PIPELINE", "", 400, "cascade"),
    ("DELETE", "/pipelines/PIPELINE?cascade=perhaps", "", 400, "cascade"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    MESSAGES,
    ids=[f"{n}-{method}-{path}" for n, (method, path, *_) in enumerate(MESSAGES)],
)
def test_a_message_that_does_not_fit_is_refused_by_field(
    server: Served, method: str, path: str, body: str, status: int, words: str
) -> None:
    with server.unharmed():
        answer = server.call(method, "/apis/v2beta1" + filled(path), raw=filled(body).encode("utf-8", "surrogatepass"))

    assert (answer.status, words in answer.message) == (status, True), answer.body[:2000]
