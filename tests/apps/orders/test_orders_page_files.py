"""The pages as files: light, compressed, kept by browsers, closed to what they do not need."""

import gzip
import re

import httpx
import pytest

from forthwith.apps.orders.pages.assets import assets
from forthwith.platform.http.headers import LIFF_POLICY

PAGE = "/liff/orders/lin-noodles"
LIGHT_BYTES = 60_000
_IMPORT = re.compile(r'(?:from|src=|href=)\s*"(?:\./|/liff/assets/\w+/)([\w.-]+)"')
PAGES = {
    "/liff/orders": "index.html",
    PAGE: "index.html",
    "/counter": "counter.html",
    "/counter/sign-in": "sign-in.html",
    "/counter/shops": "shops.html",
}


def _loaded_by(name: str) -> set[str]:
    """A file and all that it makes a browser load."""
    found, waiting = set[str](), [name]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting += _IMPORT.findall(assets().files[each].content.decode())
    return found


def test_the_page_of_guests_weighs_less_than_60_kb_without_compression() -> None:
    loaded = _loaded_by("index.html")

    assert {"app.js", "polling.js", "styles.css", "texts.js"} <= loaded
    assert "staff.js" not in loaded
    assert sum(len(assets().files[each].content) for each in loaded) < LIGHT_BYTES


def test_every_file_belongs_to_a_page() -> None:
    loaded = set[str]().union(*(_loaded_by(page) for page in PAGES.values()))

    assert assets().files.keys() - loaded == set()


def test_the_polling_client_is_the_seed_s_and_stands_alone() -> None:
    client = assets().files["polling.js"].content.decode()

    assert "import " not in client
    for part in (
        'export const API_BASE_URL = "";',
        "export const POLLING_INTERVAL = 2000;",
        "export const MAX_POLLING_ATTEMPTS = 30;",
        "export async function checkOrderStatus(orderId)",
        "export function startPollingOrderStatus(orderId,",
    ):
        assert part in client


def test_no_page_writes_data_as_markup() -> None:
    for name, asset in assets().files.items():
        content = asset.content.decode()
        for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert way not in content, name


def test_every_language_says_the_same_texts() -> None:
    said = assets().files["texts.js"].content.decode()
    blocks = re.findall(r'^  "?([\w-]+)"?: \{\n(.*?)^  \},', said, re.MULTILINE | re.DOTALL)
    names = {
        language: re.findall(r"^    (\w+):", block, re.MULTILINE) for language, block in blocks
    }

    assert names.keys() == {"zh-TW", "en", "ja", "ko"}
    assert len(names["en"]) > 40
    assert all(each == names["en"] for each in names.values())


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_needs_no_credentials_and_is_asked_for_again(
    api: httpx.AsyncClient, path: str
) -> None:
    async with httpx.AsyncClient(base_url=api.base_url) as stranger:
        answer = await stranger.get(path)
        again = await stranger.get(path, headers={"If-None-Match": answer.headers["etag"]})

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert (again.status_code, again.content) == (304, b"")


async def test_files_are_compressed_and_kept_for_ever(api: httpx.AsyncClient) -> None:
    page = await api.get(PAGE)
    found = re.search(r'src="(/liff/assets/\w+/app\.js)"', page.text)
    assert found is not None

    answer = await api.get(found[1])
    plain = await api.get(found[1], headers={"Accept-Encoding": "identity"})

    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert "content-encoding" not in plain.headers
    assert answer.content == plain.content == gzip.decompress(assets().files["app.js"].zipped)


async def test_files_of_another_version_are_given_but_not_kept(api: httpx.AsyncClient) -> None:
    answer = await api.get("/liff/assets/of-before/app.js")

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("name", ["nothing.js", "..%2Fassets.py", "__init__.py"])
async def test_nothing_but_the_files_of_the_pages_is_given(
    api: httpx.AsyncClient, name: str
) -> None:
    assert (await api.get(f"/liff/assets/any/{name}")).status_code == 404


async def test_guests_pages_run_scripts_of_their_own_and_of_line_only(
    api: httpx.AsyncClient,
) -> None:
    policy = (await api.get(PAGE)).headers["content-security-policy"]

    assert policy == LIFF_POLICY
    assert "script-src 'self' https://static.line-scdn.net;" in policy


@pytest.mark.parametrize("path", ["/counter", "/counter/sign-in", "/counter/shops"])
async def test_staff_pages_run_nothing_from_elsewhere(api: httpx.AsyncClient, path: str) -> None:
    policy = (await api.get(path)).headers["content-security-policy"]

    assert "https://" not in policy
    assert "unsafe" not in policy
    assert "default-src 'none'; script-src 'self';" in policy
