"""One file out of a form: read in one piece or parsed, it is the same file."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from forthwith.platform.http import install_problems, plain, uploaded_file

BOUNDARY = "b-1"
DISPOSITION = b'Content-Disposition: form-data; name="photo"; filename="a.jpg"'
KIND = b"Content-Type: image/jpeg"
PHOTO = b"\xff\xd8\r\n--b\r\n\r\n--b-\r\n" * 50


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    install_problems(app)

    @app.post("/")
    async def take(request: Request) -> Response:
        upload = await uploaded_file(request, "photo")
        kept = upload.file.read()
        await upload.close()
        return plain({"size": upload.size, "is_whole": kept == PHOTO, "begin": kept[:3].hex()})

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as opened:
        yield opened


def _form(*headers: bytes, content: bytes = PHOTO, end: bytes = b"--\r\n") -> bytes:
    head = b"\r\n".join(headers)
    return b"--b-1\r\n" + head + b"\r\n\r\n" + content + b"\r\n--b-1" + end


async def _send(client: httpx.AsyncClient, body: bytes, kind: str = "") -> httpx.Response:
    content_type = kind or f"multipart/form-data; boundary={BOUNDARY}"
    return await client.post("/", content=body, headers={"Content-Type": content_type})


@pytest.mark.parametrize(
    "body",
    [
        _form(DISPOSITION, KIND),
        _form(DISPOSITION),
        _form(DISPOSITION.lower(), KIND),
        _form(DISPOSITION, KIND, end=b"--"),
        _form(KIND, DISPOSITION),
        _form(DISPOSITION, KIND, b"X-Other: 1"),
        _form(DISPOSITION, KIND, end=b"--\r\nand an epilogue"),
        _form(DISPOSITION.replace(b"; filename", b";filename"), KIND),
        _form(b'Content-Disposition: form-data; name="note"', content=b"words", end=b"\r\n")
        + _form(DISPOSITION, KIND).removeprefix(b"--b-1\r\n"),
    ],
)
async def test_a_file_comes_out_as_it_was_sent_however_its_form_is_written(
    client: httpx.AsyncClient, body: bytes
) -> None:
    answer = await _send(client, body)

    assert answer.json() == {"size": len(PHOTO), "is_whole": True, "begin": "ffd80d"}


async def test_a_quoted_boundary_is_understood(client: httpx.AsyncClient) -> None:
    kind = 'multipart/form-data; charset=utf-8; boundary="b-1"'

    assert (await _send(client, _form(DISPOSITION, KIND), kind)).json()["is_whole"]


async def test_a_file_above_a_megabyte_is_taken_too(client: httpx.AsyncClient) -> None:
    large = bytes(3 * 1024 * 1024)
    answer = await _send(client, _form(DISPOSITION, KIND, content=large))

    assert answer.json()["size"] == len(large)


async def test_an_empty_file_is_a_file(client: httpx.AsyncClient) -> None:
    assert (await _send(client, _form(DISPOSITION, KIND, content=b""))).json()["size"] == 0


# Starlette leaves the temporary file of an unfinished part to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    "body",
    [
        _form(DISPOSITION.replace(b"photo", b"image"), KIND),
        _form(DISPOSITION, KIND, end=b"\r\n") + _form(DISPOSITION, KIND)[7:],
        _form(DISPOSITION, KIND, end=b"x--\r\n"),
        _form(DISPOSITION, KIND)[:-9],
        b"--b-1\r\n" + DISPOSITION + b"\r\n\r\n--b-1--\r\n",
        b"",
    ],
)
async def test_what_is_no_whole_form_of_one_file_is_refused(
    client: httpx.AsyncClient, body: bytes
) -> None:
    assert (await _send(client, body)).status_code in {400, 422}
