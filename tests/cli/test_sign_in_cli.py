"""`forthwith sign-in-link`: for an operator without a password."""

import asyncio
import re
from pathlib import Path

import pytest
from command import forthwith

from forthwith.platform.identity import sign_in_links
from forthwith.platform.identity.sessions import Client
from forthwith.platform.runtime import Runtime


@pytest.mark.slow
async def test_the_printed_link_signs_the_operator_in(
    runtime: Runtime, against: dict[str, str], tmp_path: Path
) -> None:
    public = {**against, "PUBLIC_URL": "https://orders.example"}

    printed = await asyncio.to_thread(forthwith, "sign-in-link", home=tmp_path, **public)

    link = re.fullmatch(r"https://orders\.example/counter/sign-in#(\S+)\n", printed.stdout)
    assert link is not None, printed
    client = Client("127.0.0.1", "a browser")
    assert (await sign_in_links.follow(runtime, link[1], client)).user.role == "operator"
