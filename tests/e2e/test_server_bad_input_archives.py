"""Uploads and archives that are not what they say: refused with a reason, nothing written, and the server goes on."""

import gzip
import io
import os
import socket
import tarfile
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from command import PIPELINES, Command
from served import Served, served

EIGHT_MB = b"\0" * 8_000_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("archives") / "state") as running:
        yield running
        assert "Traceback" not in running.stop()


@pytest.fixture(scope="module")
def hello(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("hello") / "hello.yaml"
    done = Command(path.parent / "unused")("compile", str(PIPELINES / "hello.py"), "-o", str(path))
    assert done.returncode == 0, done.stdout
    return path.read_bytes()


# -- archives ---------------------------------------------------------------------------------------------------------


def zipped(*members: tuple[str, bytes], kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", kind) as archive:
        warnings.simplefilter("ignore")  # a name twice is on purpose
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def tarred(*members: tuple[str, bytes] | tarfile.TarInfo, mode: str = "w:gz") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]  a mode is a text
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member)
            else:
                info = tarfile.TarInfo(member[0])
                info.size = len(member[1])
                archive.addfile(info, io.BytesIO(member[1]))
    return out.getvalue()


def special(name: str, kind: bytes, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def linked(name: str, target: str) -> bytes:
    """A zip with a symbolic link, as Unix writes one."""
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, 0o120777 << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(info, target)
    return out.getvalue()


def patched(content: bytes, what: bytes, by: bytes, *, at: int = 0) -> bytes:
    """``content`` with some bytes behind a signature replaced."""
    place = content.index(what) + at
    return content[:place] + by + content[place + len(by) :]


def many_headers(good: bytes) -> bytes:
    """A tar in which headers for one member go on and on."""
    header = special("x", tarfile.XHDTYPE).tobuf(tarfile.USTAR_FORMAT)
    return gzip.compress(header * 5_000 + tarred(("p.yaml", good), mode="w"))


def sparse(good: bytes) -> tarfile.TarInfo:
    info = tarfile.TarInfo("p.yaml")
    info.type, info.size = tarfile.GNUTYPE_SPARSE, len(good)
    return info


def pax(record: bytes) -> bytes:
    info = special("x", tarfile.XHDTYPE)
    info.size = len(record)
    body = record.ljust(-(-len(record) // 512) * 512, b"\0")
    return gzip.compress(info.tobuf(tarfile.USTAR_FORMAT) + body + tarred(("p.yaml", b"a: b"), mode="w"))


CENTRAL, LOCAL, END = b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06"
SMALL = zipped(("p.yaml", b"a: b"))
SMALL_TAR = tarred(("p.yaml", b"a: b"))

#: (what is sent, words of the answer)
ARCHIVES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    # Nothing in it, or not one.
    "an empty zip": (lambda _: zipped(), "no pipeline file"),
    "an empty tar": (lambda _: tarred(), "no pipeline file"),
    "an empty gzip": (lambda _: gzip.compress(b""), "archive"),
    "a zip of another file": (lambda good: zipped(("pipeline.txt", good)), "no pipeline file"),
    "a tar of another file": (lambda good: tarred(("pipeline.py", good)), "no pipeline file"),
    "a zip of a folder": (lambda _: zipped(("pipeline.yaml/", b"")), "no pipeline file"),
    "a tar of a folder": (lambda _: tarred(special("pipeline.yaml", tarfile.DIRTYPE)), "no pipeline file"),
    "a zip of two": (lambda good: zipped(("a.yaml", good), ("b.yaml", good)), "several"),
    "a tar of two": (lambda good: tarred(("a.yaml", good), ("b.yml", good)), "several"),
    "a zip of one name twice": (lambda good: zipped(("a.yaml", good), ("a.yaml", good)), "several"),
    "a tar of one name twice": (lambda good: tarred(("a.yaml", good), ("a.yaml", good)), "several"),
    "a zip of an empty file": (lambda _: zipped(("p.yaml", b"")), "is empty"),
    "a tar of an empty file": (lambda _: tarred(("p.yaml", b"")), "is empty"),
    "a zip of rubbish": (lambda _: zipped(("p.yaml", b"[")), "not valid YAML"),
    "a tar of rubbish": (lambda _: tarred(("p.json", b"{")), "not valid YAML"),
    "a zip in a zip": (lambda good: zipped(("p.yaml", zipped(("p.yaml", good)))), "UTF-8"),
    "a tar in a tar": (lambda good: tarred(("p.yaml", tarred(("p.yaml", good)))), "UTF-8"),
    "a plain gzip of a pipeline": (gzip.compress, "archive"),
    "a tar without gzip": (lambda good: tarred(("p.yaml", good), mode="w"), "not valid YAML"),
    "a tar.bz2": (lambda good: tarred(("p.yaml", good), mode="w:bz2"), "UTF-8"),
    "a tar.xz": (lambda good: tarred(("p.yaml", good), mode="w:xz"), "UTF-8"),
    # More in it than is taken.
    "a zip bomb": (lambda _: zipped(("p.yaml", EIGHT_MB)), "unpacks to more"),
    "a tar bomb": (lambda _: tarred(("p.yaml", EIGHT_MB)), "unpacks to more"),
    "a gzip bomb without a tar": (lambda _: gzip.compress(EIGHT_MB), "unpacks to more"),
    "a tar bomb beside a pipeline": (lambda good: tarred(("p.yaml", good), ("big.bin", EIGHT_MB)), "unpacks to more"),
    "a tar bomb before a pipeline": (lambda good: tarred(("big.bin", EIGHT_MB), ("p.yaml", good)), "unpacks to more"),
    "bzip2 in a zip bomb": (lambda _: zipped(("p.yaml", EIGHT_MB), kind=zipfile.ZIP_BZIP2), "unpacks to more"),
    "lzma in a zip bomb": (lambda _: zipped(("p.yaml", EIGHT_MB), kind=zipfile.ZIP_LZMA), "unpacks to more"),
    "a zip of 10,000 files": (lambda _: zipped(*((f"{n}.txt", b"") for n in range(10_000))), "more than 64 members"),
    "a tar of 1,000 files": (lambda _: tarred(*((f"{n}.txt", b"") for n in range(1_000))), "members"),
    "a tar with a name of 2 MB": (lambda _: tarred((f"{'x' * 2_000_000}.yaml", b"")), "is empty"),
    "a tar with 5,000 headers of its own": (many_headers, "archive"),
    # Names and kinds that must not matter.
    "a symbolic link in a tar": (lambda _: tarred(special("p.yaml", tarfile.SYMTYPE, "/etc/passwd")), "no regular file"),
    "a hard link in a tar": (lambda _: tarred(special("p.yaml", tarfile.LNKTYPE, "/etc/passwd")), "no regular file"),
    "a device in a tar": (lambda _: tarred(special("p.yaml", tarfile.CHRTYPE)), "no regular file"),
    "a block device in a tar": (lambda _: tarred(special("p.yaml", tarfile.BLKTYPE)), "no regular file"),
    "a pipe in a tar": (lambda _: tarred(special("p.yaml", tarfile.FIFOTYPE)), "no regular file"),
    "a link beside a pipeline": (lambda good: tarred(("p.yaml", good), special("x", tarfile.SYMTYPE, "/")), "no regular file"),
    "a symbolic link in a zip": (lambda _: linked("p.yaml", "/etc/passwd"), "a text"),
    # Broken.
    "a zip cut off": (lambda good: zipped(("p.yaml", good))[:-10], "archive"),
    "a zip cut in half": (lambda good: zipped(("p.yaml", good))[:200], "archive"),
    "a zip of four bytes": (lambda _: LOCAL, "archive"),
    "a zip's end alone": (lambda _: END, "archive"),
    "a tar cut off": (lambda good: tarred(("p.yaml", good))[:-12], "archive"),
    "a tar cut in half": (lambda good: tarred(("p.yaml", good))[:200], "archive"),
    "a gzip of two bytes": (lambda _: b"\x1f\x8b", "archive"),
    "a gzip's head alone": (lambda _: gzip.compress(b"x")[:10], "archive"),
    "a gzip of random bytes": (lambda _: b"\x1f\x8b\x08\0" + os.urandom(1000), "archive"),
    "a gzip with a wrong sum": (lambda good: tarred(("p.yaml", good))[:-8] + b"\0" * 8, "archive"),
    "a gzip of a wrong method": (lambda good: patched(tarred(("p.yaml", good)), b"\x1f\x8b\x08", b"\x07", at=2), "archive"),
    "a tar's header with a wrong sum": (lambda good: gzip.compress(b"p.yaml".ljust(512, b"\0") + good), "archive"),
    "a tar that ends within a file": (lambda good: gzip.compress(tarred(("p.yaml", good), mode="w")[:700]), "archive"),
    "a zip with a wrong sum": (lambda _: patched(SMALL, CENTRAL, b"\0\0\0\0", at=16), "archive"),
    "a zip with a wrong offset": (lambda _: patched(SMALL, CENTRAL, b"\xff\xff\xff\x7f", at=42), "archive"),
    "a zip whose directory lies elsewhere": (lambda _: patched(SMALL, END, b"\xff\xff\xff\x7f", at=16), "archive"),
    "a zip that says it holds 4 GB": (lambda _: patched(SMALL, CENTRAL, b"\xff\xff\xff\xfe", at=24), "no pipeline specification"),
    "a zip that says its files are many": (lambda _: patched(SMALL, END, b"\xff\xff", at=10), ""),
    "a zip with two names": (lambda _: patched(SMALL, LOCAL, b"q.yaml", at=30), "archive"),
    "a zip of an unknown method": (lambda _: patched(patched(SMALL, CENTRAL, b"\x63\0", at=10), LOCAL, b"\x63\0", at=8), "archive"),
    "an encrypted zip": (lambda _: patched(patched(SMALL, CENTRAL, b"\x01\0", at=8), LOCAL, b"\x01\0", at=6), "encrypted"),
    "a zip of broken data": (lambda good: patched(zipped(("p.yaml", good)), b"p.yaml", os.urandom(64), at=6), "archive"),
    "a zip with a broken extra field": (lambda _: patched(SMALL, CENTRAL, b"\xff\xff", at=30), "no pipeline specification"),
    "a sparse tar": (lambda good: tarred(sparse(good)), "is empty"),
    "a pax header of nothing but digits": (lambda _: pax(b"9" * 400), "no pipeline specification"),
    "a pax header that says its size is below 0": (lambda _: pax(b"-30 path=x\n"), "no pipeline specification"),
    "a pax header with a size that is none": (lambda _: pax(b"18 size=abcdefgh\n\n"), ""),
}  # fmt: skip


@pytest.mark.parametrize("case", ARCHIVES)
def test_an_archive_that_is_not_one_pipeline_is_refused(server: Served, hello: bytes, case: str) -> None:
    pack, words = ARCHIVES[case]

    with server.unharmed():
        answer = server.upload("/pipelines/upload?name=bad", "bad.zip", pack(hello))

    assert (answer.status, words in answer.json["error_details"]) == (400, True), answer.body


@pytest.mark.parametrize(
    "name",
    ["../../../etc/cron.d/evil.yaml", "/etc/evil.yaml", "..\\..\\evil.yaml", "C:\\evil.yaml", "a/../../b.yaml",
     "~/.bashrc.yaml", "\u202eevil.yaml", "'; DROP TABLE pipelines; --.yaml", f"{'a/' * 500}p.yaml", "con.yaml"],
)  # fmt: skip
@pytest.mark.parametrize("pack", [zipped, tarred])
def test_where_a_member_wants_to_lie_does_not_matter(
    server: Served, hello: bytes, pack: Callable[[tuple[str, bytes]], bytes], name: str
) -> None:
    before = everything_below(server.command.state.parent)

    answer = server.upload("/pipelines/upload?name=hello", "p", pack((name, hello)))

    assert answer.status == 200, answer.body
    assert answer.json["name"] == "hello"
    assert everything_below(server.command.state.parent) == before
    server.call("DELETE", f"/apis/v2beta1/pipelines/{answer.json['pipeline_id']}?cascade=true")


def everything_below(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if "host" not in path.parts}


# -- forms ------------------------------------------------------------------------------------------------------------


def part(name: str, content: bytes, filename: str | None = "p.yaml", extra: bytes = b"") -> bytes:
    disposition = f'form-data; name="{name}"' + (f'; filename="{filename}"' if filename is not None else "")
    return b"--xyz\r\nContent-Disposition: " + disposition.encode() + b"\r\n" + extra + b"\r\n" + content + b"\r\n"


FORM = "multipart/form-data; boundary=xyz"
LAST = b"--xyz--\r\n"

#: (content type, body, status, words of the answer)
FORMS: dict[str, tuple[str, bytes, int, str]] = {
    "no form": ("application/json", b"{}", 400, "multipart/form-data"),
    "no type": ("", b"", 400, "multipart/form-data"),
    "plain text": ("text/plain", part("uploadfile", b"a: b") + LAST, 400, "multipart/form-data"),
    "a form of another kind": ("application/x-www-form-urlencoded", b"uploadfile=a", 400, "multipart/form-data"),
    "no boundary": ("multipart/form-data", part("uploadfile", b"a: b") + LAST, 400, "boundary"),
    "an empty boundary": ("multipart/form-data; boundary=", part("uploadfile", b"a: b") + LAST, 400, "boundary"),
    "another boundary": ("multipart/form-data; boundary=abc", part("uploadfile", b"a: b") + LAST, 400, "form"),
    "a boundary of 10,000": (f"multipart/form-data; boundary={'x' * 10_000}", b"", 400, "form"),
    "nothing": (FORM, b"", 400, "form"),
    "no parts": (FORM, LAST, 400, "no fields"),
    "no end": (FORM, part("uploadfile", b"a: b"), 400, "form"),
    "an end cut off": (FORM, part("uploadfile", b"a: b") + b"--xy", 400, "form"),
    "a head cut off": (FORM, b"--xyz\r\nContent-Dispo", 400, "form"),
    "no disposition": (FORM, b"--xyz\r\n\r\na: b\r\n" + LAST, 400, "form"),
    "another disposition": (FORM, b"--xyz\r\nContent-Disposition: attachment\r\n\r\na\r\n" + LAST, 400, "form"),
    "no name": (FORM, b"--xyz\r\nContent-Disposition: form-data\r\n\r\na\r\n" + LAST, 400, "form"),
    "another field": (FORM, part("file", b"a: b") + LAST, 400, "uploadfile"),
    "two files": (FORM, part("uploadfile", b"a: b") + part("uploadfile", b"a: b") + LAST, 400, "2 fields"),
    "100 parts": (FORM, part("other", b"x") * 100 + LAST, 413, "limit"),
    "100,000 headers": (FORM, part("uploadfile", b"a: b", extra=b"X-A: b\r\n" * 100_000) + LAST, 413, "limit"),
    "a header of 1 MB": (FORM, part("uploadfile", b"a: b", extra=b"X-A: " + b"b" * 1_000_000 + b"\r\n") + LAST, 413, "limit"),
    "a header that is none": (FORM, part("uploadfile", b"a: b", extra=b"rubbish\r\n") + LAST, 400, "form"),
    "bytes before the form": (FORM, b"rubbish" + part("uploadfile", b"a: b") + LAST, 400, "form"),
    "a long file name": (FORM, part("uploadfile", b"a: b", filename="x" * 1000) + LAST, 400, "name has 1000"),
    "a file name without a name": (FORM, part("uploadfile", b"a: b", filename=".yaml") + LAST, 400, "needs a name"),
    "no file name": (FORM, part("uploadfile", b"a: b", filename=None) + LAST, 400, "needs a name"),
    "base64": (FORM, part("uploadfile", b"YTogYg==", extra=b"Content-Transfer-Encoding: base64\r\n") + LAST, 400, ""),
}  # fmt: skip


@pytest.mark.parametrize("path", ["/pipelines/upload", "/pipelines/upload_version?pipelineid=PIPELINE"])
@pytest.mark.parametrize("case", FORMS)
def test_a_form_that_is_none_is_refused(server: Served, pipeline: str, path: str, case: str) -> None:
    kind, body, status, words = FORMS[case]

    with server.unharmed():
        answer = server.post(path.replace("PIPELINE", pipeline), raw=body, headers={"Content-Type": kind})

    assert (answer.status, words in answer.json["error_details"]) == (status, True), answer.body


@pytest.fixture(scope="module")
def pipeline(server: Served) -> str:
    return str(server.post("/pipelines", {"name": "taken"}).json["pipeline_id"])


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("?name=taken", 409, "exists"),
        (f"?name={'x' * 129}", 400, "name has 129"),
        ("?name=a%00b", 400, "name holds"),
        ("?display_name=a%00b", 400, "name holds"),
        (f"?name=x&description={'x' * 30_000}%00", 400, "description"),
        ("?name=x&tags=x", 400, "tags"),
        ("?name=x&tags=[]", 400, "tags"),
        ("?name=x&tags={%22a%22:1}", 400, "tags"),
        ("?name=x&tags={%22a.b%22:%22c%22}", 400, "a.b"),
        ("?name=x&tags=" + "[" * 5000, 400, "tags"),
        (f"?name=x&code_source_url={'x' * 5000}", 400, "code_source_url"),
    ],
    ids=[str(number) for number in range(11)],
)
def test_labels_of_an_upload_that_do_not_fit_are_refused(
    server: Served, pipeline: str, hello: bytes, query: str, status: int, words: str
) -> None:
    assert pipeline

    with server.unharmed():
        answer = server.upload("/pipelines/upload" + query, "hello.yaml", hello)

    assert (answer.status, words in answer.json["error_details"]) == (status, True), answer.body


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("", 400, "pipelineid"),
        ("?pipelineid=", 400, "pipelineid"),
        ("?pipelineid=none", 404, "none"),
        ("?pipelineid=..%2f..%2fetc", 404, "etc"),
        ("?pipelineid=a%00b", 404, ""),
    ],
)
def test_a_version_of_no_pipeline_is_refused(server: Served, hello: bytes, query: str, status: int, words: str) -> None:
    with server.unharmed():
        answer = server.upload("/pipelines/upload_version" + query, "hello.yaml", hello)

    assert (answer.status, words in answer.json["error_details"]) == (status, True), answer.body


# -- lengths ----------------------------------------------------------------------------------------------------------

LIMIT = 32 * 1024 * 1024


def answered_after(server: Served, head: bytes, chunks: Iterator[bytes]) -> tuple[int, int]:
    """Status of the answer to a request whose body comes piece by piece, and how much of it was sent by then."""
    host, port = server.url.removeprefix("http://").split(":")
    sent = 0
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(head)
        for chunk in chunks:
            connection.setblocking(False)
            try:
                if connection.recv(1, socket.MSG_PEEK):
                    break
            except BlockingIOError:
                pass
            finally:
                connection.settimeout(30)
            try:
                connection.sendall(chunk)
            except OSError:
                break
            sent += len(chunk)
        return int(connection.recv(4096).split()[1]), sent


HEAD = b"POST /apis/v2beta1/pipelines/upload?name=big HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=xyz\r\n"


def test_a_length_that_is_too_great_is_refused_before_the_body(server: Served) -> None:
    head = HEAD + b"Content-Length: %d\r\n\r\n" % (LIMIT + 10**6)

    assert answered_after(server, head, iter(())) == (413, 0)


def test_a_length_that_nobody_tells_is_refused_when_it_is_too_great(server: Served) -> None:
    megabyte = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    first = part("uploadfile", b"")[:-2]

    def chunks() -> Iterator[bytes]:
        yield b"%x\r\n%b\r\n" % (len(first), first)
        for _ in range(200):
            yield megabyte

    with server.unharmed():
        status, sent = answered_after(server, HEAD + b"Transfer-Encoding: chunked\r\n\r\n", chunks())

    assert status == 413
    assert sent < 2 * LIMIT


def test_a_file_just_within_the_limit_is_read(server: Served, hello: bytes) -> None:
    padding = b"# " + b"x" * (LIMIT - len(hello) - 3) + b"\n"

    answer = server.upload("/pipelines/upload?name=brim", "brim.yaml", padding + hello)

    assert answer.status == 200, answer.body


def test_a_file_just_beyond_the_limit_is_refused(server: Served, hello: bytes) -> None:
    padding = b"# " + b"x" * (LIMIT - len(hello) - 2) + b"\n"

    with server.unharmed():
        answer = server.upload("/pipelines/upload?name=over", "over.yaml", padding + hello)

    assert (answer.status, "limit" in answer.json["error_details"]) == (413, True), answer.body
