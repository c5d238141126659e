"""Without a vendor's account `forthwith up` plays the models that a key of `sandbox` asks for."""

import re
import sys
from pathlib import Path

import httpx
import pytest
from support import API_KEY, EXAMPLES

from benchmarks.front_door import opened

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]
pytest.importorskip("pydantic_ai", reason="needs the extra: pip install 'forthwith[llm]'")

FORTHWITH = str(Path(sys.executable).with_name("forthwith"))
_URL = re.compile(r"Forthwith is up: (http://\S+)/docs")


def test_a_photo_is_read_by_the_played_gemini(tmp_path: Path) -> None:
    settings = {
        "FORTHWITH_HOME": str(tmp_path),
        "PORT": "8481",
        "API_KEY": API_KEY,
        "GOOGLE_API_KEY": "sandbox",
        "CARDS_READER": "model",
    }
    headers = {"X-API-Key": API_KEY, "Prefer": "respond-async"}
    with (
        opened([FORTHWITH, "up"], settings=settings) as door,
        httpx.Client(timeout=60, headers=headers, trust_env=False) as client,
    ):
        url = _URL.findall(door.output)[0]
        photo = (EXAMPLES / "taiwan.jpg").read_bytes()
        sent = client.post(f"{url}/api/v1/cards", files={"photo": photo}).json()["data"]
        client.get(f"{url}{sent['events_url']}")  # ends with the run
        card = client.get(f"{url}{sent['polling_url']}").json()["data"]

    assert (card["status"], card["provider"]) == ("succeeded", "gemini")
    assert card["cost_micros"] > 0
    assert card["cards"][0]["emails"]
