"""What calls to vendors share: Redis, the cache, budgets of money."""

from decimal import Decimal
from typing import Annotated, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from forthwith.platform.config.base import Settings

_LONGEST_TTL_SECONDS: Final = 30 * 86_400
_REDIS_SCHEMES: Final = ("redis://", "rediss://", "unix://")


def _redis_url(url: SecretStr | None) -> SecretStr | None:
    if url is not None and not url.get_secret_value().startswith(_REDIS_SCHEMES):
        raise ValueError("must begin with redis://, rediss:// or unix://")
    return url


class RedisSettings(Settings):
    """Redis, which a fleet may add: shared cache and limits then live there. Unset: PostgreSQL."""

    url: Annotated[
        SecretStr | None,
        AfterValidator(_redis_url),
        Field(
            default=None,
            validation_alias="REDIS_URL",
            description="Such as redis://:password@host:6379/0.",
        ),
    ]
    host: Annotated[
        str | None,
        Field(
            default=None, validation_alias="REDIS_HOST", description="Used when REDIS_URL is unset."
        ),
    ]
    port: Annotated[
        int,
        Field(
            default=6379,
            ge=1,
            le=65535,
            validation_alias="REDIS_PORT",
            description="Port of REDIS_HOST.",
        ),
    ]
    max_connections: Annotated[
        int,
        Field(
            default=32,
            ge=1,
            validation_alias="REDIS_MAX_CONNECTIONS",
            description="Connections of one process.",
        ),
    ]

    @property
    def address(self) -> str | None:
        """The URL of the configured server, or None."""
        if self.url is not None:
            return self.url.get_secret_value()
        return None if self.host is None else f"redis://{self.host}:{self.port}/0"


class CacheSettings(Settings):
    """What kept answers of vendors may take."""

    memory_mb: Annotated[
        int,
        Field(
            default=64,
            ge=1,
            validation_alias="CACHE_MEMORY_MB",
            description="Megabytes of memory in each process.",
        ),
    ]
    disk_mb: Annotated[
        int,
        Field(
            default=1024,
            ge=1,
            validation_alias="CACHE_DISK_MB",
            description="Megabytes in the database; what expires soonest goes first.",
        ),
    ]
    ttl_seconds: Annotated[
        float,
        Field(
            default=3_600,
            gt=0,
            le=_LONGEST_TTL_SECONDS,
            validation_alias="CACHE_TTL_SECONDS",
            description="How long values are right whose kind does not say it.",
        ),
    ]
    result_ttl_seconds: Annotated[
        float,
        Field(
            default=86_400,
            gt=0,
            le=_LONGEST_TTL_SECONDS,
            validation_alias="RESULT_CACHE_TTL_SECONDS",
            description="The same for answers of vendors.",
        ),
    ]


class CallSettings(Settings):
    """How long a call to a vendor may take that does not say it itself."""

    connect_seconds: Annotated[
        float,
        Field(
            default=30,
            gt=0,
            validation_alias="CONNECTION_TIMEOUT",
            description="Seconds until there is a connection.",
        ),
    ]
    timeout_seconds: Annotated[
        float,
        Field(
            default=60,
            gt=0,
            validation_alias="READ_TIMEOUT",
            description="Seconds until the whole answer is there, after which the call is cut off.",
        ),
    ]


def _amounts(value: object) -> object:
    """`cards=5,orders=2.50` as amounts by name."""
    if not isinstance(value, str):
        return value
    pairs = [pair.partition("=") for pair in value.split(",") if pair.strip()]
    if not all(name.strip() and amount.strip() for name, _, amount in pairs):
        raise ValueError("must look like cards=5,orders=2.50")
    return {name.strip(): amount.strip() for name, _, amount in pairs}


Amount = Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=6)]


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("is no time zone, such as Asia/Taipei") from None


class BudgetSettings(Settings):
    """What calls to vendors may cost a day, checked before each call; and how long costs are kept.

    Amounts are in BUDGET_CURRENCY, in which all prices have to be then.
    """

    per_owner: Annotated[
        Amount | None,
        Field(
            default=None,
            validation_alias="BUDGET_OWNER_PER_DAY",
            description="What each account may spend a day, such as 0.50. Unset: not limited.",
        ),
    ]
    per_app: Annotated[
        dict[str, Amount],
        NoDecode,
        BeforeValidator(_amounts),
        Field(
            default_factory=dict,
            validation_alias="BUDGET_APPS_PER_DAY",
            description="What applications may spend a day, such as cards=5,orders=2.50.",
        ),
    ]
    currency: Annotated[
        str,
        Field(
            default="USD",
            pattern="^[A-Z]{3}$",
            validation_alias="BUDGET_CURRENCY",
            description="Three letters (ISO 4217).",
        ),
    ]
    zone: Annotated[
        str,
        AfterValidator(_zone),
        Field(
            default="UTC",
            validation_alias="BUDGET_ZONE",
            description="Where it has to be midnight for a new day, such as Asia/Taipei.",
        ),
    ]
    costs_kept_days: Annotated[
        int,
        Field(
            default=400,
            ge=1,
            validation_alias="COSTS_KEPT_DAYS",
            description="Days after which the cost ledger forgets a call.",
        ),
    ]
