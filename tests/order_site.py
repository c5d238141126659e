"""Orders as processes of their own, with a noodle shop: what browser tests look at."""

import contextlib
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from command import START_SECONDS, forthwith, free_port
from ordering import SHOP
from support import API_KEY

from benchmarks.processes import running

PAGE = f"/liff/orders/{SHOP['slug']}"


@dataclass(frozen=True, slots=True)
class OrderSite:
    """A running server; `work` starts a worker beside it."""

    url: str
    folder: Path
    environment: dict[str, str]

    @property
    def page(self) -> str:
        """Where guests order."""
        return f"{self.url}{PAGE}"

    @contextlib.contextmanager
    def work(self, **environment: str) -> Iterator[None]:
        """A worker while the block lasts."""
        command = [sys.executable, "-m", "forthwith", "work"]
        with running(command, self.folder / "work.log", {**self.environment, **environment}):
            yield

    def staff(self) -> httpx.Client:
        """The shop's own program."""
        return httpx.Client(base_url=self.url, headers={"X-API-Key": API_KEY}, timeout=30)

    def sign_in_link(self) -> str:
        """Where the operator signs in, once."""
        printed = forthwith("sign-in-link", home=self.folder / "home", **self.environment)
        return printed.stdout.strip()


@contextlib.contextmanager
def order_site(folder: Path, **settings: str) -> Iterator[OrderSite]:
    """A server without a worker, on a database of its own."""
    port = free_port()
    environment = {
        "FORTHWITH_HOME": str(folder / "home"),
        "FORTHWITH_APPS": "orders",
        "API_KEY": API_KEY,
        "PORT": str(port),
        "RATE_LIMIT_PER_MINUTE": "100000",
        "RATE_LIMIT_PER_HOUR": "100000",
        **settings,
    }
    migrated = forthwith("migrate", home=folder / "home", **environment)
    assert migrated.returncode == 0, migrated.stderr
    site = OrderSite(f"http://127.0.0.1:{port}", folder, environment)
    command = [sys.executable, "-m", "forthwith", "serve"]
    with running(command, folder / "serve.log", environment):
        _wait_for(site.url)
        with site.staff() as staff:
            staff.post("/api/v1/orders/shops", json=SHOP).raise_for_status()
        yield site


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{url}/health/ready", timeout=5).status_code == 200:
                return
        time.sleep(0.2)
    raise TimeoutError(url)
