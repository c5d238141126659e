"""Who may send requests, from where, how many, and signed how."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field
from pydantic_settings import NoDecode

from forthwith.platform.config.base import Settings
from forthwith.platform.config.lists import Networks, parts_of


def _origins(value: object) -> object:
    """Origins without a slash at the end, or `*`."""
    parts = parts_of(value)
    for part in parts if isinstance(parts, tuple) else ():
        url = urlsplit(part)
        is_origin = url.scheme in {"http", "https"} and url.netloc and not url.path
        if part != "*" and not is_origin:
            raise ValueError("must be origins such as https://shop.example, or *")
    return parts


class RequestSettings(Settings):
    """Requests: limits, signatures, proxies, other origins."""

    per_minute: Annotated[
        int,
        Field(
            default=100,
            ge=1,
            validation_alias="RATE_LIMIT_PER_MINUTE",
            description="Requests a minute without credentials, per address (IPv6: per /64).",
        ),
    ]
    per_hour: Annotated[
        int,
        Field(
            default=2_000,
            ge=1,
            validation_alias="RATE_LIMIT_PER_HOUR",
            description="The same an hour.",
        ),
    ]
    trusted_proxies: Annotated[
        Networks,
        Field(
            default=(),
            validation_alias="TRUSTED_PROXIES",
            description="CIDRs of proxies whose word about the caller's address is believed.",
        ),
    ]
    proxy_header: Annotated[
        Literal["x-forwarded-for", "forwarded"],
        Field(
            default="x-forwarded-for",
            validation_alias="TRUSTED_PROXY_HEADER",
            description="The one header they set: x-forwarded-for, or forwarded (RFC 7239).",
        ),
    ]
    allowed_origins: Annotated[
        tuple[str, ...],
        NoDecode,
        BeforeValidator(_origins),
        Field(
            default=(),
            validation_alias="ALLOWED_ORIGINS",
            description="Other origins whose pages may call the API (CORS), comma-separated.",
        ),
    ]
    plain_body_signatures: Annotated[
        bool,
        Field(
            default=False,
            validation_alias="SIGNATURES_PLAIN_BODY",
            description="Also take X-Signature over the body alone, which can be replayed.",
        ),
    ]
