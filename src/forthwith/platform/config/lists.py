"""Settings that are lists: comma-separated texts as their parts."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, TypeAlias

from pydantic import BeforeValidator
from pydantic_settings import NoDecode


def parts_of(value: object) -> object:
    """A comma-separated text as its parts; what is no text stays as it is."""
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _networks(value: object) -> object:
    """CIDRs and addresses as networks."""
    parts = parts_of(value)
    if not isinstance(parts, tuple):
        return parts
    return tuple(
        ip_network(part, strict=False) if isinstance(part, str) else part for part in parts
    )


Networks: TypeAlias = Annotated[
    tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_networks)
]
"""`127.0.0.0/8, ::1` as networks."""
