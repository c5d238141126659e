"""The voices as vendors: what they allow and cost."""

from collections.abc import Sequence
from typing import Final

from forthwith.integrations.speech.settings import SpeechSettings
from forthwith.integrations.speech.speech import AZURE, ESPEAK, GOOGLE, KOKORO
from forthwith.platform.upstream import Limits, Price, Vendor, keys_from

_REQUESTS_PER_MINUTE: Final = 200
"""Of Azure's standard tier; of Google's voices the dearest allow as many, others 1,000."""
_CLOUD_SECONDS: Final = 8.0
"""Ten times what a text takes; the local voice is there at once."""
_QUEUE_SECONDS: Final = 3.0
"""An order waits for no quota while the local voice is free."""
_LOCAL_SECONDS: Final = 120.0
"""Pictures may be read, or other texts spoken, before it is a text's turn in its pool."""

_STANDARD: Final = Price(per_million_tokens_in=4_000_000)
_NEURAL: Final = Price(per_million_tokens_in=16_000_000)
_CHIRP: Final = Price(per_million_tokens_in=30_000_000)


def vendors(settings: SpeechSettings | None = None) -> Sequence[Vendor]:
    """All voices; a token is a character. A cloud voice without a key is not configured."""
    settings = settings or SpeechSettings()
    limits = Limits(rpm=_REQUESTS_PER_MINUTE)
    local = (KOKORO, ESPEAK) if settings.local_voice == "neural" else (ESPEAK,)
    return (
        Vendor(
            name=GOOGLE,
            keys=keys_from(settings.google_key, limits=limits),
            timeout_seconds=_CLOUD_SECONDS,
            wait_seconds=_QUEUE_SECONDS,
            price=_price_of_google(settings.google_voice),
        ),
        Vendor(
            name=AZURE,
            keys=keys_from(settings.azure_key, limits=limits),
            timeout_seconds=_CLOUD_SECONDS,
            wait_seconds=_QUEUE_SECONDS,
            price=_NEURAL,
        ),
        *(Vendor(name=each, keyless=True, timeout_seconds=_LOCAL_SECONDS) for each in local),
    )


def _price_of_google(voice: str) -> Price:
    """By the kind of voice, as https://cloud.google.com/text-to-speech/pricing had it in 2024."""
    if "Chirp" in voice:
        return _CHIRP
    return _STANDARD if "Standard" in voice else _NEURAL
