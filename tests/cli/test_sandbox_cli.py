"""`forthwith sandbox` plays LINE until it is told to stop."""

import itertools
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.slow  # each is a process of its own

FORTHWITH = str(Path(sys.executable).with_name("forthwith"))


def test_the_sandbox_prints_what_a_bot_needs_and_answers(tmp_path: Path) -> None:
    """Its address and the token that it takes; it ends at Ctrl-C."""
    process = subprocess.Popen(
        [FORTHWITH, "sandbox", "--port", "0", "--webhook", "http://127.0.0.1:9/callback"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"FORTHWITH_HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    printed = "".join(process.stdout.readline() for _ in range(5))
    settings = dict(re.findall(r"export (\w+)=(\S+)", printed))
    answer = httpx.get(
        f"{settings['LINE_BASE_URL']}/v2/bot/info",
        headers={"authorization": f"Bearer {settings['LINE_CHANNEL_ACCESS_TOKEN']}"},
        trust_env=False,
    )
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)

    assert answer.json()["chatMode"] == "bot"
    assert set(settings) >= {"LINE_CHANNEL_SECRET", "LINE_LIFF_IDS"}
    assert "Traceback" not in errors


def test_the_sandbox_takes_mails_webhooks_and_pushes(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [FORTHWITH, "sandbox", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"FORTHWITH_HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    printed = "".join(process.stdout.readline() for _ in range(10))
    shown = re.findall(r"shown at (\S+):", printed)[0]
    subscribing = re.findall(r"POST (\S+)\.", printed)[0]
    mails = httpx.get(shown, trust_env=False)
    browser = httpx.post(subscribing, trust_env=False)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)

    assert mails.json() == []
    assert browser.json().keys() == {"endpoint", "keys"}
    assert "export SMTP_URL=smtp://127.0.0.1:" in printed


def test_the_sandbox_plays_models(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [FORTHWITH, "sandbox", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"FORTHWITH_HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    printed = "".join(process.stdout.readline() for _ in range(15))
    settings = dict(re.findall(r"export (\w+)=(\S+)", printed))
    asked = {"model": "any", "messages": [{"role": "user", "content": "Which cards?"}]}
    answer = httpx.post(
        f"{settings['OPENAI_API_BASE']}/chat/completions", json=asked, trust_env=False
    )
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)

    assert set(settings) >= {"GEMINI_BASE_URL", "GOOGLE_API_KEY", "OPENAI_API_KEY"}
    assert answer.json()["choices"][0]["message"]["content"] == "{}"


def test_the_sandbox_plays_notion(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [FORTHWITH, "sandbox", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"FORTHWITH_HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    lines = iter(process.stdout.readline, "")
    pages = next(found[0] for line in lines if (found := re.findall(r"its pages at (\S+):", line)))
    settings = dict(re.findall(r"export (\w+)=(\S+)", "".join(itertools.islice(lines, 3))))
    table = httpx.get(pages, trust_env=False)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)

    assert "0 pages" in table.text
    assert settings.keys() == {"NOTION_BASE_URL", "NOTION_API_KEY", "NOTION_DATABASE_ID"}


def test_a_taken_port_is_told_in_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        outcome = subprocess.run(
            [FORTHWITH, "sandbox", "--port", str(port)],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"FORTHWITH_HOME": str(tmp_path)},
            timeout=30,
        )

    assert outcome.returncode == 1
    assert outcome.stderr == f"forthwith: Port {port} is taken; choose another by --port.\n"
