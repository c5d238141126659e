"""Who is asked: Gemini, and OpenAI or whatever speaks as it does."""

from typing import Final

from pydantic import SecretStr

from forthwith.integrations.llm.errors import classify
from forthwith.integrations.llm.prices import Prices
from forthwith.integrations.llm.settings import ModelSettings
from forthwith.platform.upstream import Limits, Vendor, keys_from

GEMINI: Final = "gemini"
OPENAI: Final = "openai"
_PACIFIC: Final = "America/Los_Angeles"


def vendors(settings: ModelSettings) -> tuple[Vendor, Vendor]:
    """Both vendors; one without keys is not configured, and never asked."""
    google = (settings.google_api_key, settings.google_api_key_fallback)
    models = filter(None, (settings.default_model, settings.fallback_model))
    return (
        _vendor(GEMINI, settings, Prices("google", settings.gemini_model), *google),
        _vendor(OPENAI, settings, Prices("openai", *models), settings.openai_api_key),
    )


def _vendor(name: str, settings: ModelSettings, prices: Prices, *keys: SecretStr | None) -> Vendor:
    lease_seconds = max(120.0, 2 * settings.timeout_seconds)
    return Vendor(
        name=name,
        # What a key may ask depends on the plan it was bought with: the vendor tells by 429.
        keys=keys_from(*keys, limits=Limits(zone=_PACIFIC)),
        limits=Limits(concurrency=settings.max_concurrent, lease_seconds=lease_seconds),
        wait_seconds=settings.wait_seconds,
        timeout_seconds=settings.timeout_seconds,
        prices=prices,
        classify=classify,
    )
