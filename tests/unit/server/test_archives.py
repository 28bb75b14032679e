"""The pipeline file inside an archive, and what is said of archives that lie."""

import gzip
import io
import random
import tarfile
import zipfile

import pytest

from wherry.errors import InvalidArgumentError
from wherry.server.archives import unpack

PIPELINE = b"root: {}\n" * 200
LIMIT = 1 << 20


def zipped(kind: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", kind) as archive:
        archive.writestr("folder/p.yaml", PIPELINE)
        archive.writestr("readme.txt", b"x")
    return out.getvalue()


def tarred() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("folder/" + "p" * 120 + ".yaml")
        info.size, info.pax_headers = len(PIPELINE), {"comment": "é"}
        archive.addfile(info, io.BytesIO(PIPELINE))
    return out.getvalue()


ZIPS = [zipped(kind) for kind in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)]
ARCHIVES = [*ZIPS, gzip.compress(tarred(), 1)]


def of(content: bytes) -> bytes:
    return unpack(content, source="it", limit=LIMIT)


@pytest.mark.parametrize("number", range(len(ARCHIVES)))
def test_the_one_pipeline_file_is_found(number: int) -> None:
    assert of(ARCHIVES[number]) == PIPELINE


def test_what_is_no_archive_is_left_as_it_is() -> None:
    assert of(PIPELINE) == PIPELINE


@pytest.mark.parametrize("cut", [1, 4, 8, 20])
def test_a_tar_that_was_cut_off_is_refused_though_its_files_are_whole(cut: int) -> None:
    with pytest.raises(InvalidArgumentError, match="archive"):
        of(ARCHIVES[-1][:-cut])


def damaged(rng: random.Random, content: bytes) -> bytes:
    """A few bytes changed, repeated or cut off."""
    out = bytearray(content)
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(len(out))
        match rng.randrange(5):
            case 0 | 1 | 2:
                out[at] = rng.choice((0, 127, 128, 255, rng.randrange(256)))
            case 3:
                out[at : at + rng.randint(1, 4)] = bytes(rng.choices((0, 255), k=4))
            case _:
                del out[max(at, 4) :]
    return bytes(out)


def test_no_damage_to_an_archive_raises_anything_but_a_refusal() -> None:
    rng = random.Random(20261125)
    refused = 0

    for _ in range(1500):
        damage = damaged(rng, rng.choice(ZIPS)) if rng.random() < 0.6 else gzip.compress(damaged(rng, tarred()), 1)
        try:
            of(damage)
        except InvalidArgumentError:
            refused += 1

    assert refused > 750
