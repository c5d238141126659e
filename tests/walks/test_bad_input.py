"""Whatever is sent as a photo is answered clearly: a 4xx problem, or a failed run that says why."""

from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from pictures import animated_gif, picture, truncated_jpeg, vast_png
from support import events, send_photo, working

from forthwith.platform.runtime import Runtime

MIB = 1024 * 1024
DISPOSITION = b'Content-Disposition: form-data; name="photo"; filename="a.png"\r\n\r\n'


@dataclass(frozen=True)
class Sent:
    """One bad request and what is to be answered; `pointer` where one place is wrong."""

    status: int
    says: str
    files: Any = None
    content: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    pointer: str | None = None


def _body(
    content: bytes, content_type: str, status: int, says: str, pointer: str | None = None
) -> Sent:
    headers = {"Content-Type": content_type}
    return Sent(status, says, content=content, headers=headers, pointer=pointer)


BAD: dict[str, Sent] = {
    "no bytes": Sent(400, "empty", {"photo": ("a.jpg", b"")}),
    "text named .jpg": Sent(415, "not a photo", {"photo": ("a.jpg", b"hello", "image/jpeg")}),
    "html named .png": Sent(415, "not a photo", {"photo": ("a.png", b"<svg onload=alert(1)>")}),
    "30,000 x 30,000 pixels": Sent(422, "million pixels", {"photo": vast_png()}),
    "animated GIF": Sent(415, "not a photo", {"photo": animated_gif()}),
    "PNG cut in its header": Sent(422, "too early", {"photo": picture()[:18]}),
    "15 MB and a byte": Sent(413, "15 MB", {"photo": picture() + bytes(15 * MIB)}),
    "16 MB": Sent(413, "KiB", {"photo": picture() + bytes(16 * MIB)}),
    "no file": Sent(422, "no file", {"other": (None, "text")}, pointer="#/photo"),
    "text where the file belongs": Sent(
        422, "no file", {"photo": (None, "text")}, pointer="#/photo"
    ),
    "another field name": Sent(422, "no file", {"image": picture()}, pointer="#/photo"),
    "two files": Sent(400, "Too many files", [("photo", picture(1)), ("photo", picture(2))]),
    "nothing at all": Sent(415, "multipart/form-data"),
    "JSON": _body(b'{"photo": "..."}', "application/json", 415, "multipart/form-data"),
    "the bare photo": _body(picture(), "image/png", 415, "multipart/form-data"),
    "a URL-encoded form": _body(b"photo=1", "application/x-www-form-urlencoded", 415, "multipart"),
    "no boundary": _body(b"", "multipart/form-data", 400, "boundary"),
    "an empty boundary": _body(
        b"", "multipart/form-data; boundary=", 422, "no file", pointer="#/photo"
    ),
    "a boundary by another name": _body(b"", "multipart/form-data; xboundary=b", 400, "oundary"),
    "a boundary that never comes": _body(b"--x", "multipart/form-data; boundary=b", 400, "nvalid"),
    "a form that ends in a part": _body(
        b"--b\r\n" + DISPOSITION + picture(),
        "multipart/form-data; boundary=b",
        422,
        "no file",
        pointer="#/photo",
    ),
    "a part without a name": _body(
        b"--b\r\n\r\nx\r\n--b--\r\n", "multipart/form-data; boundary=b", 400, "name"
    ),
    "a strange charset": _body(
        b"--b\r\n" + DISPOSITION + b"x\r\n--b--\r\n",
        "multipart/form-data; boundary=b; charset=nonsense",
        415,
        "not a photo",
    ),
    "hundreds of fields": Sent(
        400, "Too many fields", [(f"f{number}", (None, "x")) for number in range(300)]
    ),
}


# Starlette leaves the temporary file of an unfinished part to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", BAD)
async def test_a_bad_photo_is_refused_with_a_reason(api: httpx.AsyncClient, name: str) -> None:
    sent = BAD[name]

    answer = await api.post(
        "/api/v1/cards", files=sent.files, content=sent.content, headers=sent.headers
    )

    body = answer.json()
    assert (answer.status_code, body["status"]) == (sent.status, sent.status), body
    assert answer.headers["content-type"] == "application/problem+json"
    assert sent.says in body["detail"]
    assert [fault["pointer"] for fault in body["errors"]] == (
        [sent.pointer] if sent.pointer else []
    )
    assert "Traceback" not in answer.text
    assert (await api.get("/api/v1/cards")).json()["data"]["items"] == []


async def test_the_name_and_the_declared_type_of_a_photo_do_not_matter(
    api: httpx.AsyncClient,
) -> None:
    files = {"photo": ("../../etc/passwd\0.exe", picture(), "application/x-msdownload")}

    answer = await api.post("/api/v1/cards", files=files)
    photo = await api.get(f"{answer.json()['data']['polling_url']}/photo")

    assert answer.status_code == 202
    assert photo.headers["content-type"] == "image/png"
    assert photo.headers["x-content-type-options"] == "nosniff"


@pytest.mark.timeout(180)
async def test_what_only_decoding_finds_becomes_a_failed_run_with_the_reason(
    runtime: Runtime, api: httpx.AsyncClient
) -> None:
    submitted = (await send_photo(api, truncated_jpeg())).json()["data"]

    async with working(runtime):
        told = await events(api, submitted["events_url"])
    card = (await api.get(submitted["polling_url"])).json()["data"]
    run = (await api.get(submitted["run_url"])).json()["data"]

    assert told[-1]["event"] == "failed"
    assert card["status"] == run["status"] == "failed"
    assert "damaged" in run["error"]["message"]
    assert card["error"] == run["error"]
    assert "Traceback" not in str(told)
