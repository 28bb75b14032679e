"""Files that travel inside a component's source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wherry.errors import ComponentSignatureError

if TYPE_CHECKING:
    import tarfile

_LARGE = 1024 * 1024

_UNPACK = """\
__KFP_EMBEDDED_ARCHIVE_B64 = '{archive}'

import base64 as __kfp_base64
import io as __kfp_io
import sys as __kfp_sys
import tarfile as __kfp_tarfile
import tempfile as __kfp_tempfile

__kfp_folder = __kfp_tempfile.TemporaryDirectory()
__KFP_EMBEDDED_ASSET_DIR = __kfp_folder.name
with __kfp_tarfile.open(
    fileobj=__kfp_io.BytesIO(__kfp_base64.b64decode(__KFP_EMBEDDED_ARCHIVE_B64)), mode='r:gz'
) as __kfp_archive:
    __kfp_archive.extractall(path=__KFP_EMBEDDED_ASSET_DIR)
__kfp_sys.path.insert(0, __KFP_EMBEDDED_ASSET_DIR)
"""
_SINGLE_FILE = "__KFP_EMBEDDED_ASSET_FILE = __KFP_EMBEDDED_ASSET_DIR + '/' + {name!r}\n"


def embedded_source(path: str) -> str:
    """Source that unpacks the file or folder at ``path`` where the component runs.

    The same content makes the same source: times and owners of files are left out. The two names that kfp's executor
    looks for, ``__KFP_EMBEDDED_ASSET_DIR`` and ``__KFP_EMBEDDED_ASSET_FILE``, are set.

    Raises:
        ComponentSignatureError: There is nothing at ``path``.
    """
    # Few components embed anything: importing the DSL must not pay for it.
    import base64
    import gzip
    import io
    import tarfile
    import warnings
    from pathlib import Path

    asset = Path(path)
    if not asset.exists():
        raise ComponentSignatureError(
            f"There is no file or folder at '{path}'.", hint="Check 'embedded_artifact_path'."
        )
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        files = sorted(asset.rglob("*")) if asset.is_dir() else [asset]
        for file in files:
            name = str(file.relative_to(asset)) if asset.is_dir() else asset.name
            archive.add(file, arcname=name, recursive=False, filter=_without_times)
    packed = gzip.compress(buffer.getvalue(), mtime=0)
    if len(packed) > _LARGE:
        warnings.warn(
            f"'{path}' makes {len(packed) / _LARGE:.1f} MB of the compiled pipeline; an image or an artifact carries it better.",
            UserWarning,
            stacklevel=4,
        )
    source = _UNPACK.format(archive=base64.b64encode(packed).decode("ascii"))
    return source if asset.is_dir() else source + _SINGLE_FILE.format(name=asset.name)


def _without_times(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.mtime = 0
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member
