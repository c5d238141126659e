"""Bodies that are too large, wrongly packed or never end, sent to the real server."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator

import httpx
import pytest

LIMIT = 16 * 1024 * 1024
MULTIPART = "multipart/form-data; boundary=b"
FORM = (
    b'--b\r\nContent-Disposition: form-data; name="photo"; filename="a.txt"\r\n\r\n'
    b"just text\r\n--b--\r\n"
)


async def _post(
    api: httpx.AsyncClient, body: bytes | AsyncIterator[bytes], **headers: str
) -> httpx.Response:
    sent = {"Content-Type": MULTIPART}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    return await api.post("/api/v1/cards", content=body, headers=sent)


async def _pieces(piece: bytes, count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield piece


async def test_a_packed_body_is_unpacked_for_the_route(api: httpx.AsyncClient) -> None:
    answer = await _post(api, gzip.compress(FORM), content_encoding="gzip")

    assert answer.status_code == 415
    assert "not a photo" in answer.json()["detail"]


async def test_a_packed_request_is_counted_on_its_route(api: httpx.AsyncClient) -> None:
    await _post(api, gzip.compress(FORM), content_encoding="GZIP")
    text = (await api.get("/metrics")).text

    assert 'method="POST",route="/cards",status="415"' in text


BROKEN_GZIP = {
    b"no gzip at all": "not valid gzip",
    gzip.compress(FORM)[:-9]: "ends too early",
    gzip.compress(FORM)[:-4] + b"\0\0\0\0": "not valid gzip",
    gzip.compress(FORM) + b"more": "goes on after its end",
    gzip.compress(FORM) * 2: "goes on after its end",
    zlib.compress(FORM): "not valid gzip",
    b"": "ends too early",
}


async def test_a_broken_gzip_body_is_a_bad_request(api: httpx.AsyncClient) -> None:
    for body, says in BROKEN_GZIP.items():
        answer = await _post(api, body, content_encoding="gzip")

        assert answer.status_code == 400
        assert says in answer.json()["detail"]


async def test_an_unknown_packing_is_refused_with_the_known_one(api: httpx.AsyncClient) -> None:
    for encoding in ("br", "deflate", "gzip, gzip", "zstd", "", "é"):
        headers = [("Content-Type", MULTIPART), ("Content-Encoding", encoding.encode())]
        answer = await api.post("/api/v1/cards", content=FORM, headers=headers)

        assert answer.status_code == 415
        assert answer.headers["accept-encoding"] == "gzip"


async def test_a_small_body_that_unpacks_to_128_mib_is_refused(api: httpx.AsyncClient) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    zeros = bytes(1024 * 1024)
    bomb = b"".join([packer.compress(zeros) for _ in range(128)]) + packer.flush()

    answer = await _post(api, bomb, content_encoding="gzip")

    assert len(bomb) < 256 * 1024
    assert answer.status_code == 413


async def test_a_packed_body_that_unpacks_to_nothing_does_not_go_on_for_ever(
    api: httpx.AsyncClient,
) -> None:
    """Empty deflate blocks: five bytes each, no output, no end."""
    head = gzip.compress(b"")[:10]
    empty_blocks = b"\0\0\0\xff\xff" * 100_000

    async def blocks() -> AsyncIterator[bytes]:
        yield head
        for _ in range(LIMIT // len(empty_blocks) + 2):
            yield empty_blocks

    answer = await _post(api, blocks(), content_encoding="gzip")

    assert answer.status_code == 413


async def test_a_body_that_declares_too_much_is_refused_before_it_is_sent(
    api: httpx.AsyncClient,
) -> None:
    """The refusal comes although not one byte of the body was sent."""
    request = b"POST /api/v1/cards HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % (
        LIMIT + 1
    )

    assert b" 413 " in await _exchange(api, request)


async def _exchange(api: httpx.AsyncClient, request: bytes) -> bytes:
    """The status line that the server answers to these bytes."""
    reader, writer = await asyncio.open_connection(api.base_url.host, api.base_url.port)
    writer.write(request)
    status = await asyncio.wait_for(reader.readline(), 10)
    writer.close()
    return status


async def test_a_body_without_length_is_cut_off_at_the_limit(api: httpx.AsyncClient) -> None:
    piece = FORM[:-9] + bytes(1024 * 1024)

    answer = await _post(api, _pieces(piece, 17))

    assert answer.status_code == 413


async def test_a_body_without_length_below_the_limit_is_taken(api: httpx.AsyncClient) -> None:
    answer = await _post(api, _pieces(FORM, 1))

    assert answer.status_code == 415
    assert "not a photo" in answer.json()["detail"]


async def test_a_caller_who_leaves_in_the_middle_of_a_body_is_no_failure(
    api: httpx.AsyncClient, capfd: pytest.CaptureFixture[str]
) -> None:
    async def leaving() -> AsyncIterator[bytes]:
        yield FORM[:20]
        raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        await _post(api, leaving())
    said = ""
    async with asyncio.timeout(20):  # the server notices when the connection's end arrives
        while "status=499" not in said:
            await asyncio.sleep(0.05)
            said += capfd.readouterr().out

    assert "request_failed" not in said
