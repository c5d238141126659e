"""Rules of the house that a linter cannot say; each test names the offenders."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy.ext.asyncio import create_async_engine
from support import REPOSITORY

from forthwith import registry
from forthwith.platform.config import PlatformSettings
from forthwith.platform.db import Base, Database
from forthwith.platform.runtime import Runtime
from forthwith.server import create_app

SOURCES = REPOSITORY / "src" / "forthwith"
FILES = sorted(SOURCES.rglob("*.py"))
LONGEST_FILE = 400  # lines
DEEPEST_INDENT = 4  # levels of blocks inside a function
ROOM = {"__init__.py", "app.py", "models.py", "schemas.py", "queries.py", "service.py"}
ROOM |= {"errors.py", "jobs.py", "endpoints.py"}
OPEN = {"/health", "/health/live", "/health/ready", "/api/v1/health", "/metrics"}
OPEN |= {"/stats", "/performance-report", "/docs", "/docs/{name}"}
OPEN |= {
    f"{prefix}/auth/{route}"
    for prefix in ("", "/api", "/api/v1")
    for route in (
        *("register", "login", "refresh", "email/confirm", "email/resend"),
        *("password/forgot", "password/reset"),
    )
}
OPEN |= {
    f"{prefix}/orders/{route}"
    for prefix in ("/api", "/api/v1")
    for route in (
        *("quick", "shops/{slug}", "status/{order_id}"),
        *("{order_id}/events", "{order_id}/cancel", "{order_id}/retry"),
    )
}
OPEN |= {"/liff/orders", "/liff/orders/{slug}", "/liff/assets/{version}/{name}"}
OPEN |= {"/counter", "/counter/shops", "/counter/sign-in"}
OPEN |= {"/counter/sign-in/link", "/counter/session", "/counter/sign-out"}  # 403: own pages only
"""What contract.md opens to callers without credentials; /metrics and /stats on loopback only."""
HEAVY = {"fastapi", "sqlalchemy", "rapidocr", "onnxruntime", "asyncpg", "alembic", "numpy", "cv2"}


def _name(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


def _containing(text: str) -> list[str]:
    return [_name(path) for path in FILES if text in path.read_text()]


def test_middleware_is_plain_asgi() -> None:
    """BaseHTTPMiddleware buffers, copies contexts and breaks streams that end early."""
    assert _containing("BaseHTTPMiddleware") == []
    assert _containing('.middleware("http")') == []


def test_only_the_transaction_commits() -> None:
    """Migrations commit by Alembic's own connection; nothing else may."""
    assert _containing(".commit(") == [
        "src/forthwith/migrations/upgrade.py",
        "src/forthwith/platform/db.py",
    ]
    assert (SOURCES / "platform" / "db.py").read_text().count(".commit(") == 1


def test_no_file_is_long() -> None:
    lengths = {_name(path): len(path.read_text().splitlines()) for path in FILES}

    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_no_function_is_deep() -> None:
    deep = [
        f"{_name(path)}:{function.name}"
        for path in FILES
        for function in _functions(ast.parse(path.read_text()))
        if _depth(function) > DEEPEST_INDENT
    ]

    assert deep == []


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _depth(node: ast.AST) -> int:
    """Levels of blocks inside a node; an `elif` is no deeper than its `if`."""
    blocks = (ast.For, ast.AsyncFor, ast.While, ast.If, ast.With, ast.AsyncWith, ast.Try, ast.Match)
    depths = [0]
    for child in ast.iter_child_nodes(node):
        is_elif = isinstance(node, ast.If) and [child] == node.orelse and isinstance(child, ast.If)
        deeper = isinstance(child, blocks) and not is_elif
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            depths.append(_depth(child) + deeper)
    return max(depths)


@pytest.mark.parametrize("name", [app.name for app in registry.APPS])
def test_every_application_has_the_files_of_its_room(name: str) -> None:
    room = SOURCES / "apps" / name

    assert {path.name for path in room.glob("*.py")} >= ROOM


def test_every_application_folder_is_in_the_registry() -> None:
    folders = {path.parent.name for path in (SOURCES / "apps").glob("*/app.py")}

    assert folders == {app.name for app in registry.APPS}


@pytest.mark.parametrize("arguments", [["--help"], ["runs", "--help"]])
def test_help_waits_for_nothing_heavy(arguments: list[str]) -> None:
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "forthwith", *arguments],
        capture_output=True,
        check=True,
        text=True,
        timeout=50,
    )
    imported = {line.rpartition("|")[2].strip() for line in told.stderr.splitlines()}

    assert "typer" in imported
    assert imported & HEAVY == set()


def _routes(settings: PlatformSettings, runtime: Runtime) -> list[tuple[str, str]]:
    """Every method and path of the server, with ids that nobody has."""
    contexts = iter_route_contexts(create_app(settings, runtime).routes)
    return [
        (method, str(context.path))
        for context in contexts
        if isinstance(context.original_route, APIRoute)
        for method in sorted(context.methods or ())
    ]


async def test_every_route_but_the_open_ones_needs_credentials(
    api: httpx.AsyncClient, settings: PlatformSettings, runtime: Runtime
) -> None:
    """Asked without a body too: who may not ask is told so before the request is judged."""
    routes = _routes(settings, runtime)
    answers = {}
    async with httpx.AsyncClient(base_url=api.base_url) as stranger:
        for method, path in routes:
            somewhere = path.replace("{", "01890000-0000-7000-8000-000000000000{")
            filled = "/".join(part.partition("{")[0] for part in somewhere.split("/"))
            answers[method, path] = (await stranger.request(method, filled)).status_code

    assert len(routes) > 20
    assert {path for _, path in routes} >= OPEN
    assert {path for (_, path), status in answers.items() if status != 401} == OPEN


async def test_the_described_api_names_its_credentials_and_problems(api: httpx.AsyncClient) -> None:
    paths = (await api.get("/openapi.json")).json()["paths"]
    operations = {
        f"{method} {path}": operation
        for path, methods in paths.items()
        for method, operation in methods.items()
    }
    closed = {name for name in operations if "/api/v1/" in name and name.split()[1] not in OPEN}

    assert closed
    assert {name for name in closed if "security" not in operations[name]} == set()
    assert all(
        operation["responses"]["default"]["content"].keys() == {"application/problem+json"}
        for operation in operations.values()
    )


async def test_the_tables_are_the_ones_the_migrations_make(db: Database) -> None:
    """Partitions are made by housekeeping; pgqueuer keeps its own tables."""
    engine = create_async_engine("postgresql+asyncpg://", async_creator=db.connect)
    async with engine.connect() as connection:
        difference = await connection.run_sync(_difference)
    await engine.dispose()

    assert difference == []


def _difference(connection: object) -> list[object]:
    options = {
        "version_table_schema": "platform",
        "include_schemas": True,
        "compare_type": True,
        "compare_server_default": True,
        "include_object": _is_ours,
    }
    context = MigrationContext.configure(connection, opts=options)  # type: ignore[arg-type]
    return list(compare_metadata(context, Base.metadata))


def _is_ours(entry: object, name: str, kind: str, reflected: bool, _: object) -> bool:  # noqa: FBT001 - Alembic's
    schema = getattr(entry, "schema", None)
    table = getattr(entry, "table", entry)
    parent = getattr(table, "schema", schema)
    owned = {mapped.schema for mapped in Base.metadata.tables.values()}
    is_partition = (
        reflected and f"{parent}.{getattr(table, 'name', '')}" not in Base.metadata.tables
    )
    return parent in owned and not is_partition
