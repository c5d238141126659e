"""One process of a fleet that asks a vendor: `upstream_process.py VENDOR_URL BOOK CALLERS`.

Stores as the environment says. Prints `ready`, waits for a line, asks one question as often at
once, prints how many were answered right. Each call that is sent is a line in the book.
"""

import asyncio
import os
import sys
from pathlib import Path

from paid_sandbox import answering

from forthwith.platform.config import PlatformSettings
from forthwith.platform.db import Database, opened
from forthwith.platform.events import Listener
from forthwith.platform.runtime import load_codec
from forthwith.platform.upstream.opening import fleet_stores


async def main(url: str, book: Path, callers: int) -> None:
    """Ask once told to."""
    settings = PlatformSettings()
    codec = load_codec(settings)

    def sent() -> None:
        with book.open("a") as lines:
            lines.write(f"{os.getpid()}\n")

    async with opened(Database(str(settings.database.dsn))) as db:
        listener = Listener(db)
        listening = asyncio.create_task(listener.run())
        async with (
            fleet_stores(settings, db, codec, listener) as stores,
            answering(url, stores) as answers,
        ):
            await listener.connected.wait()
            sys.stdout.write("ready\n")
            sys.stdout.flush()
            await asyncio.to_thread(sys.stdin.readline)
            answered = await asyncio.gather(
                *(answers.ask("abc", on_sent=sent) for _ in range(callers))
            )
            sys.stdout.write(f"{answered.count('cba')}\n")
            sys.stdout.flush()
        listening.cancel()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
