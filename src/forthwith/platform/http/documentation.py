"""/docs: every route of this server, drawn by Swagger UI out of files of this machine.

FastAPI's own page loads them from elsewhere: whoever is offline has an empty page, and whoever
is not runs the scripts of others beside their API key.
"""

import base64
import hashlib
import re
from importlib.resources import files
from typing import Final

from fastapi import APIRouter
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, Response

from forthwith.platform.errors import NotFound

PATH: Final = "/docs"
_KINDS: Final = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css"}
_ASSETS: Final = files("fastapi_standalone_docs") / "static" / "swagger"
_KEPT: Final = {"Cache-Control": "public, max-age=86400"}  # seconds: a day
_INLINE: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)

router = APIRouter(include_in_schema=False)
_page: Final = get_swagger_ui_html(
    openapi_url="openapi.json",  # relative, as all is: also right behind a proxy's prefix
    title="Forthwith",
    swagger_js_url="docs/swagger-ui-bundle.js",
    swagger_css_url="docs/swagger-ui.css",
    swagger_favicon_url="data:,",
)
(_script,) = _INLINE.findall(bytes(_page.body).decode())
_digest: Final = base64.b64encode(hashlib.sha256(_script.encode()).digest()).decode()
_POLICY: Final = (
    f"default-src 'none'; script-src 'self' 'sha256-{_digest}'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
)
"""Its own files, and its one inline script by its hash."""


@router.get(PATH)
async def documentation() -> HTMLResponse:
    """The page, the same for everybody."""
    return HTMLResponse(_page.body, headers={"Content-Security-Policy": _POLICY})


@router.get(PATH + "/{name}")
async def asset(name: str) -> Response:
    """A file that the page is made of."""
    kind = _KINDS.get(name)
    if kind is None:
        raise NotFound(f"There is no {name} here; open {PATH}.")
    return Response((_ASSETS / name).read_bytes(), media_type=kind, headers=_KEPT)
