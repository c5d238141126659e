"""Azure AI Speech: `POST cognitiveservices/v1`, SSML in, a recording out.

https://learn.microsoft.com/azure/ai-services/speech-service/rest-text-to-speech (2026-11)
"""

from typing import Final
from xml.sax.saxutils import escape, quoteattr

import httpx

from forthwith.integrations.speech.cloud import packed
from forthwith.integrations.speech.settings import SpeechSettings
from forthwith.integrations.speech.speech import AZURE, Speech
from forthwith.platform.pool import ProcessPool
from forthwith.platform.upstream import Attempt

PATH: Final = "/cognitiveservices/v1"
_FORMAT: Final = "riff-24khz-16bit-mono-pcm"  # it has no m4a; what is lossless is encoded once


class AzureVoice:
    """One of Azure's neural voices."""

    name = AZURE

    def __init__(self, pool: ProcessPool, settings: SpeechSettings) -> None:
        """The pool encodes what Azure sends."""
        self.voice = settings.azure_voice
        self._pool = pool
        base_url = settings.azure_base_url
        if base_url is None:
            base_url = f"https://{settings.azure_region}.tts.speech.microsoft.com"
        self._http = httpx.AsyncClient(base_url=base_url)

    async def send(self, words: str, rate: float, attempt: Attempt) -> Speech:
        """Speak words. Raises as `Attempt.check`; `Unanswered` for what is no recording."""
        response = await self._http.post(
            PATH,
            content=self._ssml(words, rate).encode(),
            headers={
                "Ocp-Apim-Subscription-Key": attempt.secret,
                "Content-Type": "application/ssml+xml",
                "X-Microsoft-OutputFormat": _FORMAT,
                "User-Agent": "forthwith",  # required
            },
            timeout=httpx.Timeout(attempt.seconds, connect=attempt.connect_seconds),
        )
        attempt.check(response)
        attempt.used(tokens_in=len(words))
        return await packed(self._pool, response.content, AZURE)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    def _ssml(self, words: str, rate: float) -> str:
        language = "-".join(self.voice.split("-")[:2])
        return (
            f"<speak version='1.0' xmlns='http://www.w3.org/2001/10/synthesis' "
            f"xml:lang='{language}'><voice name={quoteattr(self.voice)}>"
            f"<prosody rate='{rate - 1:+.0%}'>{escape(words)}</prosody></voice></speak>"
        )
