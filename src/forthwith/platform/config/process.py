"""What every process needs: home, database, secrets, server, worker, log."""

import os
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from pydantic import AfterValidator, AliasChoices, Field, SecretStr

from forthwith.platform.config import signing
from forthwith.platform.config.base import Settings


def _default_home() -> Path:
    """`.forthwith/` inside a checkout, the user's data folder elsewhere."""
    here = Path.cwd()
    if (here / "src" / "forthwith" / "registry.py").exists():
        return here / ".forthwith"
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "forthwith"


class HomeSettings(Settings):
    """Where this machine keeps the embedded database, blobs and made secrets."""

    home: Annotated[
        Path,
        Field(
            default_factory=_default_home,
            validation_alias="FORTHWITH_HOME",
            description="Folder of the embedded database, blobs and generated secrets.",
        ),
    ]


def _postgres_url(url: SecretStr | None) -> SecretStr | None:
    """Accept what libpq accepts, also without a host (a Unix socket as `?host=`)."""
    if url is None:
        return None
    scheme, separator, rest = url.get_secret_value().partition("://")
    if scheme.partition("+")[0] not in {"postgresql", "postgres"} or not separator:
        raise ValueError("must begin with postgresql://")
    return SecretStr(f"postgresql://{rest}")


class DatabaseSettings(Settings):
    """The one database. Unset: an embedded PostgreSQL is started in FORTHWITH_HOME."""

    url: Annotated[
        SecretStr | None,
        AfterValidator(_postgres_url),
        Field(
            default=None,
            validation_alias=AliasChoices("DATABASE_URL", "SUPABASE_URL"),
            description="PostgreSQL of a fleet. Unset: an embedded one in FORTHWITH_HOME.",
        ),
    ]
    host: Annotated[
        str | None,
        Field(
            default=None, validation_alias="DB_HOST", description="Used when DATABASE_URL is unset."
        ),
    ]
    port: Annotated[
        int, Field(default=5432, validation_alias="DB_PORT", description="Port of DB_HOST.")
    ]
    name: Annotated[
        str,
        Field(default="postgres", validation_alias="DB_NAME", description="Database on DB_HOST."),
    ]
    user: Annotated[
        str, Field(default="postgres", validation_alias="DB_USER", description="User on DB_HOST.")
    ]
    password: Annotated[
        SecretStr | None,
        Field(default=None, validation_alias="DB_PASSWORD", description="Password on DB_HOST."),
    ]
    pool_size: Annotated[
        int,
        Field(
            default=6,
            ge=1,
            validation_alias="POOL_SIZE",
            description="Connections kept open per pool and process: enough for a server of a few"
            " cores, and each one more plans all statements again.",
        ),
    ]
    max_overflow: Annotated[
        int,
        Field(
            default=0,
            ge=0,
            validation_alias="MAX_OVERFLOW",
            description="Connections opened beyond POOL_SIZE under load, and closed after it:"
            " opening one costs as much as a hundred statements.",
        ),
    ]

    @property
    def dsn(self) -> str | None:
        """`postgresql://...` of the configured server, or None for the embedded one."""
        if self.url is not None:
            return self.url.get_secret_value()
        if self.host is None:
            return None
        password = self.password.get_secret_value() if self.password else None
        user = quote(self.user, safe="") + (f":{quote(password, safe='')}" if password else "")
        return f"postgresql://{user}@{self.host}:{self.port}/{quote(self.name, safe='')}"


class SecretSettings(Settings):
    """Secrets: made once with the embedded database, required with DATABASE_URL."""

    encryption_key: Annotated[
        SecretStr | None,
        Field(
            default=None,
            validation_alias="ENCRYPTION_KEY",
            description="64 hex digits (AES-256). Several, the newest first, separated by commas.",
        ),
    ]
    jwt_secret: Annotated[
        SecretStr | None,
        AfterValidator(signing.checked),
        Field(
            default=None,
            validation_alias="JWT_SECRET",
            description="Signs access tokens: 32 characters or more, or several as name:secret, "
            "the newest first, separated by commas.",
        ),
    ]
    api_key: Annotated[
        SecretStr | None,
        Field(
            default=None,
            validation_alias="API_KEY",
            description="First API key of the operator. Unset: one is made and printed once.",
        ),
    ]


class AccountSettings(Settings):
    """People who register and sign in."""

    confirm_email: Annotated[
        bool,
        Field(
            default=True,
            validation_alias="ACCOUNTS_CONFIRM_EMAIL",
            description="An account begins when its address is confirmed by mail. Off, for a "
            "closed network without mail, anybody can learn which addresses have accounts.",
        ),
    ]


class ServerSettings(Settings):
    """The HTTP server."""

    host: Annotated[
        str,
        Field(default="127.0.0.1", validation_alias="HOST", description="Address to listen on."),
    ]
    port: Annotated[
        int,
        Field(
            default=8000,
            ge=0,
            le=65_535,
            validation_alias="PORT",
            description="Port to listen on; `up` takes the next free one.",
        ),
    ]
    workers: Annotated[
        int,
        Field(default=1, ge=1, validation_alias="WORKERS", description="API processes of `serve`."),
    ]
    public_url: Annotated[
        str | None,
        Field(
            default=None,
            pattern=r"^https?://[^/\s]+$",
            validation_alias="PUBLIC_URL",
            description="Where people reach this server, such as https://cards.example.com; "
            "needed for links and pictures in messages.",
        ),
    ]
    max_body_bytes: Annotated[
        int,
        Field(
            default=16 * 1024 * 1024,
            gt=0,
            validation_alias="HTTP_MAX_BODY_BYTES",
            description="Largest request body, after decompression.",
        ),
    ]


class WorkerSettings(Settings):
    """The worker: how many runs at once, how long it may take to stop."""

    max_concurrent: Annotated[
        int,
        Field(
            default=20,
            ge=2,
            validation_alias="MAX_CONCURRENT",
            description="Runs one worker works on at once.",
        ),
    ]
    drain_seconds: Annotated[
        float,
        Field(
            default=20.0,
            ge=0,
            validation_alias="WORKER_DRAIN_SECONDS",
            description="Grace for running work after SIGTERM; then it is given back.",
        ),
    ]
    cpu_processes: Annotated[
        int,
        Field(
            default_factory=lambda: max(1, (os.cpu_count() or 2) // 2),
            ge=1,
            validation_alias="CPU_PROCESSES",
            description="Child processes for decoding and OCR (about 400 MB each with OCR).",
        ),
    ]


class LogSettings(Settings):
    """Logging: JSON to standard output, or coloured lines on a terminal."""

    level: Annotated[
        str,
        Field(
            default="INFO",
            pattern="(?i)^(debug|info|warning|error|critical)$",
            validation_alias="LOG_LEVEL",
            description="debug, info, warning, error or critical.",
        ),
    ]
    directory: Annotated[
        Path | None,
        Field(
            default=None,
            validation_alias="LOG_DIR",
            description="Also write application.log and error.log here.",
        ),
    ]
    environment: Annotated[
        str,
        Field(
            default="development",
            validation_alias=AliasChoices("APP_ENV", "ENVIRONMENT"),
            description="Name of the deployment, on every log line.",
        ),
    ]


class AppSelection(Settings):
    """Which applications this process serves."""

    names: Annotated[
        str | None,
        Field(
            default=None,
            validation_alias="FORTHWITH_APPS",
            description="Comma-separated names, to split a deployment by application. Unset: all.",
        ),
    ]
