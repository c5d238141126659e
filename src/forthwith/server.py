"""The HTTP server: middleware, the routers of the applications, the process's lifespan."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final

import uvicorn
from fastapi import FastAPI
from fastapi.middleware import Middleware
from fastapi.middleware.cors import CORSMiddleware
from fastapi.telemetry import TelemetryConfig

from forthwith import __version__, registry
from forthwith.platform import audit, health, jobs, logging, notify, privacy, stats
from forthwith.platform.app import App
from forthwith.platform.config import PlatformSettings
from forthwith.platform.garbage import collect_rarely
from forthwith.platform.http import (
    BodyLimit,
    DirectWays,
    Gateway,
    documentation,
    headers,
    install_problems,
)
from forthwith.platform.http.cookies import CsrfGuard
from forthwith.platform.http.proxies import TrustedProxies
from forthwith.platform.identity import Identity, key_endpoints, quota_problems
from forthwith.platform.identity import endpoints as people
from forthwith.platform.identity.request_limits import RequestLimits
from forthwith.platform.identity.signatures import Signatures
from forthwith.platform.runtime import Runtime, database_dsn, open_runtime
from forthwith.platform.serving import KEEP_ALIVE_SECONDS
from forthwith.platform.upstream import problems as vendor_problems
from forthwith.platform.upstream.costs import endpoints as costs

API: Final = "/api/v1"
ALIAS: Final = "/api"
"""Where the seeds put their routes; answers the same."""
GRACE_SECONDS: Final = 10
_NO_TELEMETRY: Final[TelemetryConfig] = {"tracing": False, "metrics": False, "logs": False}
"""The gateway measures and logs; FastAPI asks OpenTelemetry at each request who listens."""

DESCRIPTION: Final = """
Forthwith answers at once and does the slow work behind. A POST that starts work answers 202 with
where to look: poll it, or follow its events. Send an API key as `Authorization: Bearer fw_...`.
"""


def create_app(settings: PlatformSettings | None = None, runtime: Runtime | None = None) -> FastAPI:
    """The ASGI application. Opens its own runtime unless one is handed in."""
    settings = settings or PlatformSettings()
    apps = registry.selected(settings.apps.names)
    app = FastAPI(
        title="Forthwith",
        version=__version__,
        description=DESCRIPTION,
        lifespan=_lifespan(settings, runtime),
        middleware=_middleware(settings, apps),
        docs_url=None,
        redoc_url=None,
        telemetry=_NO_TELEMETRY,
    )
    app.add_middleware(headers.SecurityHeaders)
    install_problems(app)
    vendor_problems.install(app)
    quota_problems.install(app)
    app.include_router(health.router)
    app.include_router(health.aliases)
    app.include_router(documentation.router)
    platform = (
        *(jobs.router, costs.router, audit.router, privacy.router, notify.router),
        *(people.auth, people.operators, key_endpoints.router),
    )
    app.include_router(people.auth, include_in_schema=False)
    for router in (*platform, *(each.router() for each in apps)):
        app.include_router(router, prefix=API)
        app.include_router(router, prefix=ALIAS, include_in_schema=False)
    app.include_router(stats.router([each.figures for each in apps if each.figures]))
    for each in apps:
        if each.aliases:
            app.include_router(each.aliases())
    app.router.middleware_stack = DirectWays(app.router.middleware_stack, app.routes)
    return app


def _middleware(settings: PlatformSettings, apps: Sequence[App]) -> list[Middleware]:
    """From the outside in: whose request it is, what a page may read, who asks, how often."""
    requests = settings.requests
    guarded = [each.cookie_pages for each in apps if each.cookie_pages]
    cors = Middleware(
        CORSMiddleware,
        allow_origins=requests.allowed_origins,
        allow_methods=headers.ALLOWED_METHODS,
        allow_headers=headers.ALLOWED_HEADERS,
        expose_headers=headers.EXPOSED_HEADERS,
    )
    return [
        Middleware(TrustedProxies, trusted=requests.trusted_proxies, header=requests.proxy_header),
        *([cors] if requests.allowed_origins else []),
        Middleware(Gateway),
        *(Middleware(CsrfGuard, prefix=each) for each in guarded),
        Middleware(BodyLimit, max_bytes=settings.server.max_body_bytes),
        Middleware(Identity),
        Middleware(Signatures, plain_allowed=requests.plain_body_signatures),
        Middleware(RequestLimits, settings=requests),
    ]


Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[dict[str, Any]]]


def _lifespan(settings: PlatformSettings, runtime: Runtime | None) -> Lifespan:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[dict[str, Any]]:
        if runtime is not None:
            yield runtime.state()
            return
        logging.configure(settings.log, service="api")
        apps = registry.selected(settings.apps.names)
        async with (
            database_dsn(settings) as dsn,
            open_runtime(settings, dsn, **registry.parts(apps)) as own,
        ):
            collect_rarely()
            yield own.state()

    return lifespan


def serve(settings: PlatformSettings) -> None:
    """Serve until a signal comes; WORKERS processes share the port."""
    uvicorn.run(
        "forthwith.server:create_app",
        factory=True,
        host=settings.server.host,
        port=settings.server.port,
        workers=settings.server.workers,
        **uvicorn_options(),
    )


def uvicorn_options() -> dict[str, Any]:
    """What every uvicorn of ours is told: our own logs, and a bounded goodbye."""
    return {
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,  # TrustedProxies reads them; uvicorn believes all of loopback
        "timeout_graceful_shutdown": GRACE_SECONDS,
        "timeout_keep_alive": KEEP_ALIVE_SECONDS,
        "h11_max_incomplete_event_size": 64 * 1024,
    }
