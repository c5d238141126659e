"""A photo sent in LINE and read by a model says so in the chat."""

from collections.abc import AsyncIterator

import pytest
from line_bot import Bot, text_of
from model_cards import said
from model_vendors import picture

from forthwith.sandbox.models import ModelsSandbox, models_sandbox, stored

pytest.importorskip("pydantic_ai", reason="needs the extra: pip install 'forthwith[llm]'")


@pytest.fixture
async def models(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ModelsSandbox]:
    """Played models that the process of the bot asks first."""
    async with models_sandbox(stored({}, said({}))) as sandbox:
        for name, value in {**sandbox.environment(), "CARDS_READER": "model"}.items():
            monkeypatch.setenv(name, value)
        yield sandbox


@pytest.mark.usefixtures("models")  # these come before those of the arguments
async def test_the_contact_says_which_model_read_it_and_for_how_much(bot: Bot) -> None:
    await bot.phone.send_images("Fang", [picture().data])
    contact = text_of((await bot.says("Fang"))[0])

    assert "Ada Lovelace" in contact
    assert "由Gemini讀取 · 0.000" in contact
    assert "USD" in contact
