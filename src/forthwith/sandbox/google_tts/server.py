"""`POST /v1/text:synthesize` and `GET /v1/voices`, as the discovery document describes them."""

import asyncio
import base64
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from forthwith.integrations.speech import recording
from forthwith.sandbox.google_tts.contract import Contract
from forthwith.sandbox.hum import SAMPLES_PER_SECOND, hum
from forthwith.sandbox.quotas import Refusal
from forthwith.sandbox.vendor import Vendor

VOICES: Final = ("cmn-TW-Standard-A", "cmn-TW-Wavenet-A", "cmn-CN-Chirp3-HD-Kore")
_MOST_BYTES: Final = 5_000  # of `SynthesisInput`
_LEAST_RATE, _MOST_RATE = 0.25, 2.0  # of `AudioConfig.speakingRate`
_ENCODINGS: Final = frozenset({"M4A", "LINEAR16"})


class GoogleTts:
    """A Google that hums. `contract` tells what of the conversation breaks its document."""

    def __init__(self, document: Path | None = None) -> None:
        self.contract = None if document is None else Contract(document)

    def vendor(self) -> Vendor:
        """Its server."""
        return Vendor(
            name="google_tts",
            routes=[
                Route("/v1/text:synthesize", self._synthesize, methods=["POST"]),
                Route("/v1/voices", self._voices, methods=["GET"]),
            ],
            refuse=_refuse,
            key_header="x-goog-api-key",
        )

    async def _synthesize(self, request: Request) -> Response:
        try:
            body = msgspec.json.decode(await request.body(), type=dict[str, Any])
        except msgspec.MsgspecError:
            return _error(HTTPStatus.BAD_REQUEST, "INVALID_ARGUMENT", "Invalid JSON payload.")
        faults = [*self._look_at("SynthesizeSpeechRequest", body)] or [*_faults(body)]
        if faults:
            return _error(HTTPStatus.BAD_REQUEST, "INVALID_ARGUMENT", faults[0])
        audio = await _audio(body["input"]["text"], body["audioConfig"])
        return self._answer("SynthesizeSpeechResponse", {"audioContent": audio})

    async def _voices(self, request: Request) -> Response:
        language = request.query_params.get("languageCode", "")
        voices = [_described(name) for name in VOICES if name.startswith(language)]
        return self._answer("ListVoicesResponse", {"voices": voices})

    def _answer(self, schema: str, body: dict[str, Any]) -> Response:
        self._look_at(schema, body)
        return JSONResponse(body)

    def _look_at(self, schema: str, body: Any) -> list[str]:
        return [] if self.contract is None else self.contract.look_at(schema, body)


def _faults(body: dict[str, Any]) -> Iterator[str]:
    """What the document says in words only."""
    said, config = body.get("input") or {}, body.get("audioConfig") or {}
    text = said.get("text")
    if not text or "ssml" in said:
        yield "Either `text` or `ssml` must be supplied; the sandbox takes `text`."
    elif len(text.encode()) > _MOST_BYTES:
        yield f"Input size limit exceeded. Limit is {_MOST_BYTES} bytes."
    if config.get("audioEncoding") not in _ENCODINGS:
        yield f"The sandbox encodes {', '.join(sorted(_ENCODINGS))}."
    if not _LEAST_RATE <= config.get("speakingRate", 1.0) <= _MOST_RATE:
        yield f"Speaking rate must be in [{_LEAST_RATE}, {_MOST_RATE}]."
    voice = body.get("voice") or {}
    if voice.get("name") not in VOICES or not voice["name"].startswith(
        voice.get("languageCode") or "-"
    ):
        yield f"Voice '{voice.get('name')}' does not exist. Is it misspelled?"


async def _audio(text: str, config: dict[str, Any]) -> str:
    audio = hum(text, config.get("speakingRate", 1.0))
    if config["audioEncoding"] == "M4A":
        audio = (await asyncio.to_thread(recording.packed, audio, "google_tts")).audio
    return base64.b64encode(audio).decode()


def _described(name: str) -> dict[str, Any]:
    return {
        "languageCodes": [name[:6]],
        "name": name,
        "ssmlGender": "FEMALE",
        "naturalSampleRateHertz": SAMPLES_PER_SECOND,
    }


def _refuse(refusal: Refusal) -> Response:
    if refusal.reason == "key":
        return _error(
            HTTPStatus.BAD_REQUEST,
            "INVALID_ARGUMENT",
            "API key not valid. Please pass a valid API key.",
            reason="API_KEY_INVALID",
        )
    message = f"Quota exceeded for quota metric 'requests' of the {refusal.reason}."
    return _error(HTTPStatus.TOO_MANY_REQUESTS, "RESOURCE_EXHAUSTED", message)


def _error(code: int, status: str, message: str, *, reason: str | None = None) -> Response:
    """An error in Google's shape."""
    error: dict[str, Any] = {"code": code, "message": message, "status": status}
    if reason is not None:
        kind = "type.googleapis.com/google.rpc.ErrorInfo"
        error["details"] = [{"@type": kind, "reason": reason, "domain": "googleapis.com"}]
    return JSONResponse({"error": error}, status_code=code)
