import os
import re
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from pydantic import AliasChoices, ValidationError

from forthwith.platform.config import PlatformSettings, Settings

KEY = "5a" * 32
Read = Callable[[PlatformSettings], Any]


def _secret(value: Any) -> Any:
    return value.get_secret_value()


NAMES: dict[str, tuple[str, Any, Read]] = {
    "FORTHWITH_HOME": ("/srv/home", Path("/srv/home"), lambda s: s.home.home),
    "DATABASE_URL": ("postgresql://u@h/d", "postgresql://u@h/d", lambda s: s.database.dsn),
    "SUPABASE_URL": ("postgres://u@h/d", "postgresql://u@h/d", lambda s: s.database.dsn),
    "DB_HOST": ("h", "postgresql://postgres@h:5432/postgres", lambda s: s.database.dsn),
    "DB_PORT": ("6000", 6000, lambda s: s.database.port),
    "DB_NAME": ("d", "d", lambda s: s.database.name),
    "DB_USER": ("u", "u", lambda s: s.database.user),
    "DB_PASSWORD": ("p", "p", lambda s: _secret(s.database.password)),
    "POOL_SIZE": ("7", 7, lambda s: s.database.pool_size),
    "MAX_OVERFLOW": ("3", 3, lambda s: s.database.max_overflow),
    "ENCRYPTION_KEY": (KEY, KEY, lambda s: _secret(s.secrets.encryption_key)),
    "JWT_SECRET": (KEY, KEY, lambda s: _secret(s.secrets.jwt_secret)),
    "ACCOUNTS_CONFIRM_EMAIL": ("off", False, lambda s: s.accounts.confirm_email),
    "API_KEY": ("fw_mine", "fw_mine", lambda s: _secret(s.secrets.api_key)),
    "HOST": ("0.0.0.0", "0.0.0.0", lambda s: s.server.host),  # noqa: S104 - read, not bound
    "PORT": ("9000", 9000, lambda s: s.server.port),
    "PUBLIC_URL": ("https://a.example", "https://a.example", lambda s: s.server.public_url),
    "WORKERS": ("4", 4, lambda s: s.server.workers),
    "HTTP_MAX_BODY_BYTES": ("1024", 1024, lambda s: s.server.max_body_bytes),
    "RATE_LIMIT_PER_MINUTE": ("7", 7, lambda s: s.requests.per_minute),
    "RATE_LIMIT_PER_HOUR": ("8", 8, lambda s: s.requests.per_hour),
    "TRUSTED_PROXIES": (
        "10.0.0.1/8, ::1",
        (ip_network("10.0.0.0/8"), ip_network("::1/128")),
        lambda s: s.requests.trusted_proxies,
    ),
    "TRUSTED_PROXY_HEADER": ("forwarded", "forwarded", lambda s: s.requests.proxy_header),
    "ALLOWED_ORIGINS": (
        "https://a.example, http://b.example:8080",
        ("https://a.example", "http://b.example:8080"),
        lambda s: s.requests.allowed_origins,
    ),
    "SIGNATURES_PLAIN_BODY": ("true", True, lambda s: s.requests.plain_body_signatures),
    "MAX_CONCURRENT": ("9", 9, lambda s: s.worker.max_concurrent),
    "WORKER_DRAIN_SECONDS": ("1.5", 1.5, lambda s: s.worker.drain_seconds),
    "CPU_PROCESSES": ("2", 2, lambda s: s.worker.cpu_processes),
    "REDIS_URL": ("redis://h:1/0", "redis://h:1/0", lambda s: s.redis.address),
    "REDIS_HOST": ("h", "redis://h:6379/0", lambda s: s.redis.address),
    "REDIS_PORT": ("6000", 6000, lambda s: s.redis.port),
    "REDIS_MAX_CONNECTIONS": ("5", 5, lambda s: s.redis.max_connections),
    "CACHE_MEMORY_MB": ("8", 8, lambda s: s.cache.memory_mb),
    "CACHE_DISK_MB": ("9", 9, lambda s: s.cache.disk_mb),
    "CACHE_TTL_SECONDS": ("60", 60.0, lambda s: s.cache.ttl_seconds),
    "RESULT_CACHE_TTL_SECONDS": ("90", 90.0, lambda s: s.cache.result_ttl_seconds),
    "CONNECTION_TIMEOUT": ("3", 3.0, lambda s: s.calls.connect_seconds),
    "READ_TIMEOUT": ("7", 7.0, lambda s: s.calls.timeout_seconds),
    "BUDGET_OWNER_PER_DAY": ("0.50", Decimal("0.5"), lambda s: s.budgets.per_owner),
    "BUDGET_APPS_PER_DAY": (
        "cards=5, orders=2.50",
        {"cards": Decimal(5), "orders": Decimal("2.5")},
        lambda s: s.budgets.per_app,
    ),
    "BUDGET_CURRENCY": ("TWD", "TWD", lambda s: s.budgets.currency),
    "BUDGET_ZONE": ("Asia/Taipei", "Asia/Taipei", lambda s: s.budgets.zone),
    "COSTS_KEPT_DAYS": ("30", 30, lambda s: s.budgets.costs_kept_days),
    "SMTP_URL": (
        "smtps://u:p%40@h",
        "smtps://u:p%40@h",
        lambda s: _secret(s.notify.smtp_url),
    ),
    "MAIL_FROM": ("A <a@b.example>", "A <a@b.example>", lambda s: s.notify.mail_from),
    "WEBHOOK_ALLOWED_NETWORKS": (
        "127.0.0.1/8, ::1",
        (ip_network("127.0.0.0/8"), ip_network("::1/128")),
        lambda s: s.notify.webhook_networks,
    ),
    "WEBHOOK_ALLOW_HTTP": ("yes", True, lambda s: s.notify.webhook_http),
    "VAPID_PRIVATE_KEY": (KEY, KEY, lambda s: _secret(s.notify.vapid_private_key)),
    "VAPID_SUBJECT": (
        "https://b.example",
        "https://b.example",
        lambda s: s.notify.vapid_subject,
    ),
    "NOTIFICATIONS_KEPT_DAYS": ("30", 30, lambda s: s.notify.kept_days),
    "LOG_LEVEL": ("debug", "debug", lambda s: s.log.level),
    "LOG_DIR": ("/var/log/fw", Path("/var/log/fw"), lambda s: s.log.directory),
    "APP_ENV": ("staging", "staging", lambda s: s.log.environment),
    "ENVIRONMENT": ("staging", "staging", lambda s: s.log.environment),
    "FORTHWITH_APPS": ("cards", "cards", lambda s: s.apps.names),
}


@pytest.fixture(autouse=True)
def _bare_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine, no `.env`; a fleet's key where a fleet is configured."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_a_setting_is_read_from_its_environment_name(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, expected, read = NAMES[name]
    monkeypatch.setenv("ENCRYPTION_KEY", KEY)
    monkeypatch.setenv("JWT_SECRET", KEY)
    monkeypatch.setenv(name, given)

    assert read(PlatformSettings()) == expected


def test_every_environment_name_of_the_platform_is_in_the_table_above() -> None:
    assert {name for room in _rooms() for name in _names(room)} == set(NAMES)


def _rooms() -> list[type[Settings]]:
    fields = PlatformSettings.model_fields.values()
    return [field.annotation for field in fields if isinstance(field.annotation, type)]


def _names(room: type[Settings]) -> list[str]:
    aliases = [field.validation_alias for field in room.model_fields.values()]
    return [
        str(name)
        for alias in aliases
        for name in (alias.choices if isinstance(alias, AliasChoices) else [alias])
    ]


def test_without_any_setting_the_embedded_database_is_meant() -> None:
    assert PlatformSettings().database.dsn is None


def test_the_parts_of_a_database_address_are_put_together_and_quoted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {"HOST": "h", "NAME": "d", "USER": "u", "PASSWORD": "p@:/"}.items():
        monkeypatch.setenv(f"DB_{name}", value)
    monkeypatch.setenv("ENCRYPTION_KEY", KEY)
    monkeypatch.setenv("JWT_SECRET", KEY)

    assert PlatformSettings().database.dsn == "postgresql://u:p%40%3A%2F@h:5432/d"


def test_a_database_url_goes_before_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+asyncpg://u@one/d")
    monkeypatch.setenv("DB_HOST", "two")
    monkeypatch.setenv("ENCRYPTION_KEY", KEY)
    monkeypatch.setenv("JWT_SECRET", KEY)

    assert PlatformSettings().database.dsn == "postgresql://u@one/d"


def test_the_file_env_is_read_and_the_environment_goes_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("WORKERS=3\nPORT=9001\n")
    monkeypatch.setenv("PORT", "9002")

    server = PlatformSettings().server

    assert (server.workers, server.port) == (3, 9002)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://u@h/d"),
        ("POOL_SIZE", "0"),
        ("MAX_OVERFLOW", "-1"),
        ("PORT", "70000"),
        ("WORKERS", "many"),
        ("HTTP_MAX_BODY_BYTES", "0"),
        ("RATE_LIMIT_PER_MINUTE", "0"),
        ("TRUSTED_PROXIES", "the-proxy"),
        ("TRUSTED_PROXY_HEADER", "x-real-ip"),
        ("ALLOWED_ORIGINS", "shop.example"),
        ("ALLOWED_ORIGINS", "https://shop.example/page"),
        ("MAX_CONCURRENT", "1"),
        ("REDIS_URL", "http://h"),
        ("REDIS_PORT", "0"),
        ("CACHE_MEMORY_MB", "0"),
        ("BUDGET_OWNER_PER_DAY", "-1"),
        ("BUDGET_APPS_PER_DAY", "cards"),
        ("BUDGET_APPS_PER_DAY", "cards=much"),
        ("BUDGET_CURRENCY", "dollars"),
        ("BUDGET_ZONE", "Middle/Earth"),
        ("SMTP_URL", "http://h"),
        ("SMTP_URL", "smtp://"),
        ("SMTP_URL", "smtp://user:in-clear@h"),
        ("SMTP_URL", "smtps://h:many"),
        ("PUBLIC_URL", "a.example"),
        ("MAIL_FROM", "nobody"),
        ("MAIL_FROM", "A <a@b.example>\nBcc: c@d.example"),
        ("WEBHOOK_ALLOWED_NETWORKS", "home"),
        ("VAPID_PRIVATE_KEY", "short"),
        ("VAPID_SUBJECT", "me"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_a_wrong_value_stops_the_start_with_the_name_of_the_variable(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ValidationError, match=name):
        PlatformSettings()


@pytest.mark.parametrize("command", ["serve", "work"])
def test_a_fleet_without_encryption_key_does_not_start_and_names_it(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:very-secret@127.0.0.1:1/d")

    refused = subprocess.run(
        [sys.executable, "-m", "forthwith", command],
        env=os.environ,
        capture_output=True,
        check=False,
        text=True,
        timeout=50,
    )

    assert refused.returncode == 2
    assert re.search(r"\bENCRYPTION_KEY is required when DATABASE_URL is set", refused.stderr)
    assert "Traceback" not in refused.stderr
    assert "very-secret" not in refused.stderr + refused.stdout


def test_a_fleet_without_a_secret_for_its_tokens_does_not_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One machine's tokens would be unknown to the next."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://u@h/d")
    monkeypatch.setenv("ENCRYPTION_KEY", KEY)

    with pytest.raises(ValueError, match="JWT_SECRET is required when DATABASE_URL is set"):
        PlatformSettings()


@pytest.mark.parametrize("given", ["short", f"new:{KEY},old:short", f"a:{KEY},a:{KEY}x"])
def test_a_secret_for_tokens_that_is_no_use_stops_the_start(
    given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JWT_SECRET", given)

    with pytest.raises(ValueError, match="JWT_SECRET"):
        PlatformSettings()


def test_secrets_do_not_show_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:very-secret@h/d")
    monkeypatch.setenv("ENCRYPTION_KEY", KEY)
    monkeypatch.setenv("JWT_SECRET", KEY)
    monkeypatch.setenv("API_KEY", "fw_very-secret")

    shown = repr(PlatformSettings())

    assert "very-secret" not in shown
    assert KEY not in shown
