"""`forthwith orders`."""

import json
from pathlib import Path

import httpx
import pytest
from command import forthwith
from ordering import SHOP

from forthwith.apps.orders.demo import open_demo
from forthwith.platform.runtime import Runtime

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]  # each command is a process of its own


async def test_a_shop_goes_in_by_a_file_and_comes_out_as_one(
    api: httpx.AsyncClient, against: dict[str, str], tmp_path: Path
) -> None:
    """A second time it has the menu of the file, and guests order from that."""
    file = tmp_path / "shop.json"

    def orders(*arguments: str) -> str:
        done = forthwith("orders", *arguments, home=tmp_path, **against)
        assert done.returncode == 0, done.stderr
        return done.stdout

    file.write_text(json.dumps(SHOP))
    opened = orders("shops", "import", str(file))
    exported = json.loads(orders("shops", "export", "lin-noodles"))
    exported["sections"][0]["items"][0]["price"] = 150
    file.write_text(json.dumps(exported))
    changed = orders("shops", "import", str(file))
    listed = orders("shops", "list")
    shop = (await api.get("/api/v1/orders/shops/lin-noodles")).json()["data"]
    ordered = orders("list", "--json")

    assert opened.strip() == "lin-noodles is open."
    assert changed.strip() == "lin-noodles has a new menu."
    assert "lin-noodles  林家麵館  open  2 dishes" in listed
    assert shop["sections"][0]["items"][0]["price"] == 150
    assert ordered == ""


async def test_a_file_that_is_no_shop_is_refused_with_the_reason(
    against: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "shop.json"
    file.write_text('{"slug": "X Y"}')
    done = forthwith("orders", "shops", "import", str(file), home=tmp_path, **against)

    assert done.returncode == 1
    assert "slug" in done.stderr


async def test_a_text_is_spoken_into_a_file(tmp_path: Path) -> None:
    out = tmp_path / "hello.m4a"
    done = forthwith("orders", "say", "您好，一共320元。", "--out", str(out), home=tmp_path)

    assert done.returncode == 0, done.stderr
    assert out.read_bytes()[4:8] == b"ftyp"
    assert "espeak" in done.stdout


async def test_the_example_shop_is_opened_once(api: httpx.AsyncClient, runtime: Runtime) -> None:
    """Who takes it away does not find it there again at the next start."""
    page = await open_demo(runtime)
    again = await open_demo(runtime)
    shop = (await api.get("/api/v1/orders/shops/osmanthus-lane?language=ko")).json()["data"]
    await api.delete("/api/v1/orders/shops/osmanthus-lane")
    gone = await open_demo(runtime)

    assert page == again == "/liff/orders/osmanthus-lane"
    assert shop["languages"] == ["zh-TW", "en", "ja", "ko"]
    assert gone is None
