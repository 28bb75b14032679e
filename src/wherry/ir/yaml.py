"""Package files: PipelineSpec and PlatformSpec as YAML (or JSON) text, both ways.

`parse_package` takes text from anywhere, an upload included; `write_package` writes what kfp's compiler writes. What
a specification *means* is checked by `wherry.ir.validate`; here a value only has to be of the right kind.
"""

from __future__ import annotations

import codecs
import json
from math import isfinite
from typing import Any, Final, NoReturn

import msgspec
import yaml

from wherry.errors import SpecError
from wherry.ir.conversion import convert
from wherry.ir.documents import MAX_BYTES, MAX_DEPTH, read_json, read_yaml
from wherry.ir.scalars import reads_as_text
from wherry.ir.spec import Json, PipelinePackage, PipelineSpec, PlatformSpec

# -- reading ----------------------------------------------------------------------------------------------------------

_PIPELINE_KEYS: Final = frozenset({"pipelineInfo", "pipeline_info", "root", "schemaVersion", "schema_version"})
_WRAPPERS: Final = frozenset({"pipeline_spec", "platform_spec", "pipelineSpec", "platformSpec"})
_ENCODINGS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def parse_package(text: bytes | str, *, source: str = "pipeline") -> PipelinePackage:
    """Read a package file: one document with a PipelineSpec, and at most one more with a PlatformSpec.

    Also read: JSON, and the wrapping ``{pipeline_spec: ..., platform_spec: ...}`` that the KFP API uses. Empty
    documents are skipped, the order of the two does not matter (both as KFP's backend does it).

    Args:
        text: UTF-8, or UTF-16 with a byte order mark. At most 32 MiB.
        source: What the text is called in errors, such as its file name.

    Raises:
        SpecError: With the path of the place in the author's terms (``root.dag.tasks['train'].inputs``), or with
            line and column where the text itself is broken. Limits: see `wherry.ir.documents`.
    """
    documents = [document for document in _documents(_decoded(text, source=source), source) if document is not None]
    for document in documents:
        if not isinstance(document, dict):
            raise SpecError(
                f"'{source}' holds {_described(document)}, and a pipeline specification is a mapping.",
                hint="A compiled pipeline starts with 'components:' or 'pipelineInfo:'.",
            )
    if len(documents) == 1 and documents[0].keys() <= _WRAPPERS and documents[0]:
        documents = _unwrapped(documents[0])
    pipelines = [document for document in documents if document.keys() & _PIPELINE_KEYS]
    platforms = [document for document in documents if not document.keys() & _PIPELINE_KEYS]
    if len(pipelines) != 1:
        raise _not_one_pipeline(source, documents, found=len(pipelines))
    if len(platforms) > 1:
        raise SpecError(
            f"'{source}' holds {len(documents)} documents, and a package has at most two: "
            f"a PipelineSpec and a PlatformSpec."
        )
    spec = convert(pipelines[0], PipelineSpec)
    platform = convert(platforms[0], PlatformSpec) if platforms else None
    return PipelinePackage(spec=spec, platform=platform if platform and platform.platforms else None)


def _decoded(text: bytes | str, *, source: str) -> str:
    if len(text) > MAX_BYTES:
        raise SpecError(f"'{source}' is {len(text):,} bytes long, and at most {MAX_BYTES:,} are allowed.")
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    encoding = next((name for mark, name in _ENCODINGS if text.startswith(mark)), "utf-8")
    try:
        return text.decode(encoding)
    except UnicodeDecodeError as error:
        raise SpecError(
            f"'{source}' is not valid {encoding.removesuffix('-sig').upper()}: {error.reason} at byte {error.start}.",
            hint="Save the file as UTF-8.",
        ) from error


def _documents(text: str, source: str) -> list[Json]:
    # The JSON escapes of characters beyond 16 bits are no YAML, so JSON is read as JSON where it is JSON.
    if text.lstrip()[:1] == "{":
        document = read_json(text)
        if document is not None:
            return [document]
    return read_yaml(text, source=source)


def _unwrapped(wrapper: dict[str, Json]) -> list[dict[str, Json]]:
    for name, document in wrapper.items():
        if not isinstance(document, dict):
            raise SpecError(f"expected a mapping, got {_described(document)}", path=name)
    return list(wrapper.values())


def _not_one_pipeline(source: str, documents: list[dict[str, Json]], *, found: int) -> SpecError:
    if found:
        return SpecError(f"'{source}' holds {found} pipeline specifications, expected one.")
    if not documents:
        return SpecError(f"'{source}' is empty.", hint="Compile a pipeline into it: wherry compile FILE.")
    keys = ", ".join(f"'{key}'" for key in list(documents[0])[:5]) or "nothing"
    message = f"'{source}' holds no pipeline specification: its top-level keys are {keys}."
    if "implementation" in documents[0]:
        return SpecError(message, hint="This is a component file of kfp 1.x; use it in a pipeline and compile that.")
    if str(documents[0].get("apiVersion", "")).startswith("argoproj.io"):
        return SpecError(message, hint="This is an Argo Workflow (kfp 1.x); compile the pipeline with kfp 2 or wherry.")
    return SpecError(message, hint="A PipelineSpec has 'pipelineInfo', 'root' and 'schemaVersion'.")


def _described(value: Json) -> str:
    match value:
        case list():
            return "a list"
        case str():
            return "a text"
        case _:
            return json.dumps(value)


# -- writing ----------------------------------------------------------------------------------------------------------

_WHOLE_NUMBERS: Final = frozenset({
    "maxRetryCount", "parallelismLimit", "activeDeadlineSeconds",
    "resourceTtlOnCompletion", "resourceTtlOnSuccess", "resourceTtlOnFailure",
})  # fmt: skip
"""The integer fields of the IR. Every other number is a double, and is written with a point as kfp does."""

_EXACT: Final = 2**53


def write_package(package: PipelinePackage, *, header: str = "") -> str:
    """The package as YAML, in the form kfp's compiler gives it: sorted keys, block style, 80 columns.

    Args:
        package: A second document is written if it has platform settings.
        header: Comment lines that come first, as they are.

    Raises:
        SpecError: A value of the package cannot be written: it is nested more than 100 levels deep, or is no JSON.
    """
    documents: list[PipelineSpec | PlatformSpec] = [package.spec]
    if package.platform is not None and package.platform.platforms:
        documents.append(package.platform)
    events = _Events()
    events.all.append(yaml.StreamStartEvent())
    for document in documents:
        events.all.append(yaml.DocumentStartEvent(explicit=document is not package.spec))
        events.append(msgspec.to_builtins(document, enc_hook=_refuse_object), key="", depth=0)
        events.all.append(yaml.DocumentEndEvent(explicit=False))
    events.all.append(yaml.StreamEndEvent())
    text: str = yaml.emit(events.all, Dumper=yaml.CSafeDumper)
    return header + text


_MAPPING_START: Final = yaml.MappingStartEvent(anchor=None, tag=None, implicit=True, flow_style=False)
_MAPPING_END: Final = yaml.MappingEndEvent()
_SEQUENCE_START: Final = yaml.SequenceStartEvent(anchor=None, tag=None, implicit=True, flow_style=False)
_SEQUENCE_END: Final = yaml.SequenceEndEvent()
_NULL: Final = yaml.ScalarEvent(None, None, (True, False), "null")
_TRUE: Final = yaml.ScalarEvent(None, None, (True, False), "true")
_FALSE: Final = yaml.ScalarEvent(None, None, (True, False), "false")


class _Events:
    """The parser events that make up a document. Equal texts share one event: the emitter only reads them."""

    def __init__(self) -> None:
        self.all: list[Any] = []
        self._texts: dict[str, Any] = {}

    def append(self, value: Json, *, key: str, depth: int) -> None:
        """Append what ``value``, which stands under ``key``, is made of."""
        match value:
            case str():
                self.all.append(self._text(value))
            case dict():
                self.all.append(_MAPPING_START)
                for name, inner in sorted(value.items()):
                    self.all.append(self._text(name))
                    if type(inner) is str:
                        self.all.append(self._text(inner))
                    else:
                        self.append(inner, key=name, depth=_deeper(depth))
                self.all.append(_MAPPING_END)
            case list() | tuple():
                self.all.append(_SEQUENCE_START)
                for item in value:
                    self.append(item, key=key, depth=_deeper(depth))
                self.all.append(_SEQUENCE_END)
            case None:
                self.all.append(_NULL)
            case bool():
                self.all.append(_TRUE if value else _FALSE)
            case int() | float():
                self.all.append(yaml.ScalarEvent(None, None, (True, False), _number_text(value, key=key)))
            case _:
                _refuse_object(value)

    def _text(self, text: str) -> Any:
        event = self._texts.get(text)
        if event is None:
            event = yaml.ScalarEvent(None, None, (reads_as_text(text), True), text)
            self._texts[text] = event
        return event


def _refuse_object(value: object) -> NoReturn:
    raise SpecError(f"a {type(value).__name__} cannot be written to a package: {value!r}")


def _deeper(depth: int) -> int:
    if depth >= MAX_DEPTH:
        raise SpecError(f"the package holds a value nested more than {MAX_DEPTH} levels deep")
    return depth + 1


def _number_text(number: float, *, key: str) -> str:
    if isinstance(number, int) and (key in _WHOLE_NUMBERS or abs(number) > _EXACT):
        return str(number)
    if not isfinite(number):
        raise SpecError(f"{number} is not a finite number", path=key)
    text = repr(float(number))
    mantissa, exponent, digits = text.partition("e")
    return text if not exponent or "." in mantissa else f"{mantissa}.0e{digits}"
