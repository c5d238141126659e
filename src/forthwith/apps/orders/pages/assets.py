"""The files of the pages: read once, compressed once, named by a digest of all of them."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from fastapi import Request, Response

from forthwith.platform.errors import NotFound

_FOLDER: Final = Path(__file__).parent / "static"
_MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_FOREVER: Final = "public, max-age=31536000, immutable"
_ASK_FIRST: Final = "no-cache"
_PLACE: Final = "{assets}"
"""Stands in the pages where the address of the files goes."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent."""

    media_type: str
    content: bytes
    zipped: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class Assets:
    """All files by name; `version` is another as soon as one of them is."""

    version: str
    files: dict[str, Asset]


@cache
def assets() -> Assets:
    """The files of this process."""
    contents = {
        path.name: path.read_bytes()
        for path in sorted(_FOLDER.iterdir())
        if path.suffix in _MEDIA_TYPES
    }
    version = hashlib.sha256(b"".join(contents.values())).hexdigest()[:12]
    address = f"/liff/assets/{version}".encode()
    return Assets(
        version,
        {
            name: _asset(name, content.replace(_PLACE.encode(), address))
            for name, content in contents.items()
        },
    )


def _asset(name: str, content: bytes) -> Asset:
    digest = hashlib.sha256(content).hexdigest()[:32]
    zipped = gzip.compress(content, mtime=0)
    return Asset(_MEDIA_TYPES[Path(name).suffix], content, zipped, f'"{digest}"')


def page(request: Request, name: str, policy: str | None = None) -> Response:
    """A page, with its own content policy if it is not that of its path."""
    own = {} if policy is None else {"Content-Security-Policy": policy}
    return _answer(request, assets().files[name], {"Cache-Control": _ASK_FIRST, **own})


def file(request: Request, version: str, name: str) -> Response:
    """A file of the pages. Raises `NotFound`.

    While a fleet is replaced a page may ask for the files of another version: it gets these,
    which no cache keeps.
    """
    known = assets()
    found = known.files.get(name)
    if found is None:
        raise NotFound("There is no such file.")
    lasts = _FOREVER if version == known.version else "no-store"
    return _answer(request, found, {"Cache-Control": lasts})


def _answer(request: Request, asset: Asset, headers: dict[str, str]) -> Response:
    headers |= {"ETag": asset.etag, "Vary": "Accept-Encoding"}
    if asset.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    content = asset.content
    if "gzip" in request.headers.get("accept-encoding", ""):
        content = asset.zipped
        headers["Content-Encoding"] = "gzip"
    return Response(content, media_type=asset.media_type, headers=headers)
