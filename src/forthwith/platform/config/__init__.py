"""Settings of the platform, read once from the environment and from `.env`.

One class per room. Every application and integration has its own in its `settings.py`.
Units are in the names. `docs/configuration.md` and `.env.example` are generated from these classes.
"""

from typing import Self

from pydantic import BaseModel, Field, model_validator

from forthwith.platform.config.base import Settings
from forthwith.platform.config.notify import NotifySettings
from forthwith.platform.config.process import (
    AccountSettings,
    AppSelection,
    DatabaseSettings,
    HomeSettings,
    LogSettings,
    SecretSettings,
    ServerSettings,
    WorkerSettings,
)
from forthwith.platform.config.requests import RequestSettings
from forthwith.platform.config.upstream import (
    BudgetSettings,
    CacheSettings,
    CallSettings,
    RedisSettings,
)

__all__ = [
    "AccountSettings",
    "AppSelection",
    "BudgetSettings",
    "CacheSettings",
    "CallSettings",
    "DatabaseSettings",
    "HomeSettings",
    "LogSettings",
    "NotifySettings",
    "PlatformSettings",
    "RedisSettings",
    "RequestSettings",
    "SecretSettings",
    "ServerSettings",
    "Settings",
    "WorkerSettings",
]


class PlatformSettings(BaseModel, frozen=True):
    """All platform settings of one process, read together so that a mistake stops the start."""

    home: HomeSettings = Field(default_factory=HomeSettings)
    database: DatabaseSettings = Field(default_factory=DatabaseSettings)
    secrets: SecretSettings = Field(default_factory=SecretSettings)
    accounts: AccountSettings = Field(default_factory=AccountSettings)
    server: ServerSettings = Field(default_factory=ServerSettings)
    requests: RequestSettings = Field(default_factory=RequestSettings)
    worker: WorkerSettings = Field(default_factory=WorkerSettings)
    redis: RedisSettings = Field(default_factory=RedisSettings)
    cache: CacheSettings = Field(default_factory=CacheSettings)
    calls: CallSettings = Field(default_factory=CallSettings)
    budgets: BudgetSettings = Field(default_factory=BudgetSettings)
    notify: NotifySettings = Field(default_factory=NotifySettings)
    log: LogSettings = Field(default_factory=LogSettings)
    apps: AppSelection = Field(default_factory=AppSelection)

    @model_validator(mode="after")
    def _a_fleet_brings_its_own_keys(self) -> Self:
        """A key made on one machine of a fleet would be unreadable on the next."""
        needed = {
            "ENCRYPTION_KEY": self.secrets.encryption_key,
            "JWT_SECRET": self.secrets.jwt_secret,
        }
        missing = [name for name, value in needed.items() if value is None]
        if self.database.dsn is not None and missing:
            raise ValueError(
                f"{missing[0]} is required when DATABASE_URL is set. "
                "Make one with: openssl rand -hex 32"
            )
        return self
