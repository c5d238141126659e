"""/docs comes from this machine alone."""

import base64
import hashlib
import re

import httpx


async def test_the_page_is_made_of_files_of_this_server(api: httpx.AsyncClient) -> None:
    page = await api.get("/docs")
    loaded = re.findall(r'(?:src|href)="(?!data:)([^"]+)"', page.text)
    files = [await api.get(f"/{path}") for path in loaded]

    assert loaded == ["docs/swagger-ui.css", "docs/swagger-ui-bundle.js"]
    assert [file.status_code for file in files] == [200, 200]
    assert {file.headers["cache-control"] for file in files} == {"public, max-age=86400"}
    assert "https://" not in page.text


async def test_only_its_own_scripts_run_in_the_page(api: httpx.AsyncClient) -> None:
    page = await api.get("/docs")
    policy = page.headers["content-security-policy"]
    (script,) = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()

    assert f"script-src 'self' 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none';")


async def test_no_other_file_of_the_machine_is_handed_out(api: httpx.AsyncClient) -> None:
    for name in ("LICENSE", "..%2f__init__.py", "swagger-ui.css%00", "oauth2-redirect"):
        assert (await api.get(f"/docs/{name}")).status_code == 404
