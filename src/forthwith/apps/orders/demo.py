"""The example shop of a checkout, opened where nobody has ever opened one."""

from pathlib import Path
from typing import Final

from forthwith.apps.orders import queries, service, shops
from forthwith.apps.orders.bodies import ShopBody
from forthwith.platform.runtime import Runtime

_FILE: Final = Path(__file__).parents[4] / "examples" / "orders" / "osmanthus-lane.json"
_PAGE: Final = "/liff/orders"
_NEVER_ANY: Final = """
select not exists (select from platform.audit where action = 'orders.shop_opened') as is_new
"""


async def open_demo(runtime: Runtime) -> str | None:
    """Open the example shop at the first start; the page to order at, while it is there.

    An installed package has no examples: there is nothing to open then.
    """
    if not _FILE.exists():
        return None
    body = ShopBody.model_validate_json(_FILE.read_bytes())
    row = await runtime.db.fetchrow(_NEVER_ANY)
    if row is not None and row["is_new"]:
        owner = await queries.operator(runtime.db, service.settings_of(runtime).owner)
        async with runtime.db.transaction() as session:
            await shops.create(session, runtime.codec, *shops.drawn_up(owner, body))
    shop = await queries.shop_by_slug(runtime.db, body.slug)
    return f"{_PAGE}/{shop.slug}" if shop is not None else None
