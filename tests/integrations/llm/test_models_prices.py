"""What models cost."""

from forthwith.integrations.llm.prices import Prices
from forthwith.integrations.llm.settings import ModelSettings
from forthwith.integrations.llm.vendor import vendors
from forthwith.platform.upstream import Usage


def test_a_known_model_has_its_price_and_another_is_free() -> None:
    prices = Prices("openai", "gpt-4o-mini", "made-here")

    assert prices["gpt-4o-mini"].of(Usage(tokens_in=1_000_000)) == 150_000
    assert prices["gpt-4o-mini"].of(Usage(tokens_out=1_000_000)) == 600_000
    assert prices["made-here"].is_free
    assert len(prices) == 2


def test_both_vendors_are_priced_in_dollars_by_their_models() -> None:
    settings = ModelSettings.model_validate({"FALLBACK_AI_MODEL": "gpt-4o-mini"})
    gemini, openai = vendors(settings)

    assert gemini.currencies == openai.currencies == {"USD"}
    assert list(openai.prices) == [settings.default_model, "gpt-4o-mini"]
    assert not gemini.price_of(settings.gemini_model).is_free
