"""Google Cloud Text-to-Speech v1: `POST v1/text:synthesize` (discovery revision 20260320)."""

from http import HTTPStatus
from typing import Final

import httpx
import msgspec

from forthwith.integrations.speech.cloud import packed
from forthwith.integrations.speech.settings import SpeechSettings
from forthwith.integrations.speech.speech import GOOGLE, Speech
from forthwith.platform.errors import KeyRejected
from forthwith.platform.pool import ProcessPool
from forthwith.platform.upstream import Attempt

PATH: Final = "/v1/text:synthesize"
_WRONG_KEY: Final = b"API_KEY_INVALID"


class _Answer(msgspec.Struct, rename="camel"):
    audio_content: bytes
    """Base64 in JSON."""


class GoogleVoice:
    """One of Google's voices."""

    name = GOOGLE

    def __init__(self, pool: ProcessPool, settings: SpeechSettings) -> None:
        """The pool packs what Google sends."""
        self.voice = settings.google_voice
        self._encoding = settings.google_encoding
        self._pool = pool
        self._http = httpx.AsyncClient(base_url=settings.google_base_url)

    async def send(self, words: str, rate: float, attempt: Attempt) -> Speech:
        """Speak words. Raises as `Attempt.check`; `Unanswered` for what is no recording."""
        response = await self._http.post(
            PATH,
            json=self._request(words, rate),
            headers={"X-Goog-Api-Key": attempt.secret},
            timeout=httpx.Timeout(attempt.seconds, connect=attempt.connect_seconds),
        )
        if response.status_code == HTTPStatus.BAD_REQUEST and _WRONG_KEY in response.content:
            raise KeyRejected(f"{GOOGLE} answered 400: the key was rejected.")
        attempt.check(response)
        attempt.used(tokens_in=len(words))
        answer = msgspec.json.decode(response.content, type=_Answer)
        return await packed(self._pool, answer.audio_content, GOOGLE)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    def _request(self, words: str, rate: float) -> dict[str, dict[str, object]]:
        language, region, _ = self.voice.split("-", 2)
        return {
            "input": {"text": words},
            "voice": {"languageCode": f"{language}-{region}", "name": self.voice},
            "audioConfig": {"audioEncoding": self._encoding, "speakingRate": rate},
        }
