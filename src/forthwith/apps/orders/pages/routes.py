"""Where the pages are."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Request, Response

from forthwith.apps.orders.pages import assets, sign_in

router = APIRouter(include_in_schema=False)
router.include_router(sign_in.router)

STAFF_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' blob:; media-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; object-src 'none'"
)
Name = Annotated[str, Path(max_length=64)]


@router.get("/liff/orders")
@router.get("/liff/orders/{slug}")
async def order_page(request: Request) -> Response:
    """Where guests order; the page reads from its address at which shop."""
    return assets.page(request, "index.html")


@router.get("/liff/assets/{version}/{name}")
async def asset(request: Request, version: Name, name: Name) -> Response:
    """A file of any page."""
    return assets.file(request, version, name)


@router.get(sign_in.PREFIX)
async def counter_page(request: Request) -> Response:
    """The orders of the shop, live."""
    return assets.page(request, "counter.html", STAFF_POLICY)


@router.get(f"{sign_in.PREFIX}/sign-in")
async def sign_in_page(request: Request) -> Response:
    """Where the shop signs in."""
    return assets.page(request, "sign-in.html", STAFF_POLICY)


@router.get(f"{sign_in.PREFIX}/shops")
async def shops_page(request: Request) -> Response:
    """Shops and their menus."""
    return assets.page(request, "shops.html", STAFF_POLICY)
