"""Reading one uploaded file out of a multipart form, after the caller was let in.

Routes read the form themselves: FastAPI would parse the whole body before it asks who sends it.
A small form of one file, which is nearly every one, is read in one piece; any other is parsed as
it comes, to disk.
"""

import io
import re
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from forthwith.platform.errors import BadRequest, Fault, Unprocessable, UnsupportedMedia
from forthwith.platform.http.bodies import Replay, whole_body

_MAX_FIELDS = 20
_SMALL_BYTES: Final = 1024 * 1024
"""Up to here Starlette's parser keeps a file in memory too."""
_BOUNDARY: Final = re.compile(r"multipart/form-data; ?boundary=([\w'()+,./:=?-]{1,70})", re.ASCII)
_HEADERS: Final = re.compile(
    rb'Content-Disposition: form-data; name="([^"\\\r\n]+)"; filename="[^"\\\r\n]*"'
    rb"(?:\r\nContent-[A-Z][a-z]+: [^\r\n]*)*\r\n\r\n",
    re.IGNORECASE,
)
"""What browsers and HTTP libraries write before a file."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was sent; `size` in bytes. Whoever got it closes it."""

    file: BinaryIO
    size: int

    async def close(self) -> None:
        """Forget the file; one on disk is removed beside the loop."""
        if isinstance(self.file, io.BytesIO):
            self.file.close()
        else:
            await run_in_threadpool(self.file.close)


async def uploaded_file(request: Request, field: str) -> Upload:
    """The one file in the form field `field`, on disk when it is large."""
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != "multipart/form-data":
        raise UnsupportedMedia(f"Send multipart/form-data with the file in the field `{field}`.")
    if "boundary=" not in content_type:
        raise BadRequest("The multipart/form-data content type has no boundary.")
    boundary = _BOUNDARY.fullmatch(content_type)
    if boundary is not None and _is_small(request):
        body = await whole_body(request.receive)
        content = _only_file(body, boundary[1].encode(), field.encode())
        if content is not None:
            return Upload(io.BytesIO(content), len(content))
        request = Request(request.scope, Replay(body, request.receive))
    return await _parsed(request, field)


def _is_small(request: Request) -> bool:
    length = request.headers.get("content-length", "")
    return length.isascii() and length.isdigit() and int(length) <= _SMALL_BYTES


def _only_file(body: bytes, boundary: bytes, field: bytes) -> bytes | None:
    """The file of a form that has this one alone; None for any other, which is to be parsed."""
    opening = b"--" + boundary + b"\r\n"
    headers = _HEADERS.match(body, len(opening)) if body.startswith(opening) else None
    if headers is None or headers[1] != field:
        return None
    end = body.find(b"\r\n--" + boundary, headers.end() - len(b"\r\n"))
    if end < headers.end() or body[end:] not in _closing(boundary):
        return None
    return body[headers.end() : end]


def _closing(boundary: bytes) -> tuple[bytes, bytes]:
    closing = b"\r\n--" + boundary + b"--"
    return closing + b"\r\n", closing


async def _parsed(request: Request, field: str) -> Upload:
    form = await request.form(max_files=1, max_fields=_MAX_FIELDS)
    file = form.get(field)
    if isinstance(file, UploadFile):
        return Upload(file.file, file.size or 0)
    await form.close()
    raise Unprocessable(
        f"There is no file in the form field `{field}`.",
        faults=[Fault(f"#/{field}", "a file is required here")],
    )


def upload_schema(field: str, description: str) -> dict[str, Any]:
    """`openapi_extra` of a route that reads its form by `uploaded_file`."""
    file = {"type": "string", "format": "binary", "description": description}
    schema = {"type": "object", "required": [field], "properties": {field: file}}
    content = {"multipart/form-data": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}
