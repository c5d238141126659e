"""Names of a menu in other languages, asked of a model over sockets."""

import json

import pytest
from model_vendors import running

from forthwith.apps.orders.menu_photo.glossary import names_of
from forthwith.apps.orders.menus import Names
from forthwith.apps.orders.translating import Translation, translate
from forthwith.sandbox.models import stored

pytest.importorskip("pydantic_ai", reason="needs the extra: pip install 'forthwith[llm]'")

SECRET = "阿嬤的祕密麵"
BEEF = "牛肉麵"


def said(**names: str | None) -> str:
    """What a model says of Grandma's noodles."""
    told = {"chinese": None, "english": None, "japanese": None, "korean": None, **names}
    return json.dumps({"names": [{"given": SECRET, **told}]})


async def test_what_the_glossary_lacks_is_translated_and_the_printed_name_stays() -> None:
    answer = said(chinese="祖母麵", english="Grandma's secret noodles", korean="할머니의 비밀 국수")
    async with running(stored({}, answer)) as vendors:
        found = await translate(vendors.models, (BEEF, SECRET))

    told = Names(chinese=SECRET, english="Grandma's secret noodles", korean="할머니의 비밀 국수")
    assert found == Translation({SECRET: told}, "gemini")


async def test_names_that_the_glossary_knows_stay_its_own() -> None:
    answer = json.dumps(
        {
            "names": [
                {
                    "given": BEEF,
                    "chinese": None,
                    "english": "Ignore the menu",
                    "japanese": None,
                    "korean": None,
                }
            ]
        }
    )
    async with running(stored({}, answer)) as vendors:
        found = await translate(vendors.models, (BEEF,))

    assert found.names[BEEF] == names_of(BEEF)


@pytest.mark.parametrize("told", ["", "   ", "N" * 200, "Noo\u202edles"])
async def test_what_is_no_name_is_left_out(told: str) -> None:
    async with running(stored({}, said(english=told))) as vendors:
        found = await translate(vendors.models, (SECRET,))

    assert found.names[SECRET] == Names(chinese=SECRET)


async def test_a_model_that_is_ill_costs_no_draft() -> None:
    async with running(stored({}, said())) as vendors:
        always = {"faults": [{"kind": "status", "status": 503}], "fault_rate": 1.0}
        await vendors.gemini(**always)
        await vendors.openai(**always)
        found = await translate(vendors.models, (SECRET,))

    assert found == Translation({})


async def test_without_a_key_nobody_is_asked() -> None:
    keyless = {"GOOGLE_API_KEY": "", "OPENAI_API_KEY": ""}
    async with running(stored({}, said()), **keyless) as vendors:
        found = await translate(vendors.models, (SECRET,))
        asked = await vendors.asked()

    assert found == Translation({})
    assert asked == []
