"""What can go wrong with orders, beyond what can go wrong with anything."""

from forthwith.platform.errors import (
    Conflict,
    NotFound,
    Unauthorized,
    Unavailable,
    Unprocessable,
)


class OrderNotFound(NotFound):
    """No such order, or somebody else's."""

    code = "ORDER_NOT_FOUND"


class ShopNotFound(NotFound):
    """No such shop, or somebody else's."""

    code = "SHOP_NOT_FOUND"


class OrderRefused(Unprocessable):
    """The order does not fit the shop: a dish, an amount, or that it is closed."""

    code = "ORDER_REFUSED"


class MenuRefused(Unprocessable):
    """A menu that contradicts itself."""

    code = "MENU_REFUSED"


class ShopTaken(Conflict):
    """Another shop has this slug or name."""

    code = "SHOP_TAKEN"


class MenuChanged(Conflict):
    """Somebody else has edited the menu meanwhile."""

    code = "MENU_CHANGED"


class MenuEdited(Unavailable):
    """The menu was edited while an order was checked against it."""

    code = "MENU_EDITED"


class TooLate(Conflict):
    """The order is past what was asked for it."""

    code = "TOO_LATE"


class LinkExpired(Unauthorized):
    """A link to a voice is too old, or was never given out."""

    code = "LINK_EXPIRED"
