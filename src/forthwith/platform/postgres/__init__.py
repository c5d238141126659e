"""The embedded PostgreSQL: started by whoever needs it first, stopped by the last to leave.

    with EmbeddedServer.start_or_attach(home / "postgres") as server:
        engine = create_engine(server.dsn)
        ...
        server.ensure_running()  # every second, from a watchdog

All calls block; asynchronous code goes through `asyncio.to_thread`. One machine (or one
container) only: process ids and the socket are not visible from another.
"""

from forthwith.platform.postgres.server import EmbeddedServer, ServerStatus

__all__ = ["EmbeddedServer", "ServerStatus"]
