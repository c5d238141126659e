"""The Gemini API as pydantic-ai and google-genai speak it: generateContent.

Refusals have the shapes of ai.google.dev/gemini-api/docs/troubleshooting: a wait stands in the
body (RetryInfo), and which quota is spent in the name of its `quotaId`.
"""

from collections.abc import Iterator
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from forthwith.sandbox.models.answering import Answer, Answering, Asked, decoded
from forthwith.sandbox.models.contract import Contract
from forthwith.sandbox.quotas import Refusal
from forthwith.sandbox.vendor import Vendor

_METRIC: Final = "generativelanguage.googleapis.com/generate_content_free_tier_requests"
_TYPE: Final = "type.googleapis.com/google.rpc"
_FINISH: Final = {"whole": "STOP", "cut": "MAX_TOKENS"}
_QUOTAS: Final = {
    "minute": "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
    "day": "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
}


def gemini(answering: Answering, contract: Contract | None = None) -> Vendor:
    """The vendor; the key stands in `x-goog-api-key`."""
    protocol = _Protocol(answering, contract)
    return Vendor(
        name="gemini",
        routes=[Route("/v1beta/models/{call:path}", protocol.generate, methods=["POST"])],
        refuse=refuse,
        key_header="x-goog-api-key",
        control=answering.routes(),
    )


class _Protocol:
    def __init__(self, answering: Answering, contract: Contract | None) -> None:
        self._answering = answering
        self._contract = contract

    async def generate(self, request: Request) -> Response:
        model, _, call = request.path_params["call"].partition(":")
        if call != "generateContent":
            return _error(404, "NOT_FOUND", f"models/{model} is not found for {call or 'nothing'}.")
        body = await request.json()
        if self._contract is not None:
            self._contract.look_at_gemini_request(body)
        pictures = list(_pictures(body))
        if not body.get("contents") or None in pictures:
            return _error(400, "INVALID_ARGUMENT", "Request contains an invalid argument.")
        answer = await self._answering.answer(_asked(model, body, pictures))
        said = _answer(model, answer)
        if self._contract is not None:
            self._contract.look_at_gemini_answer(said)
        return JSONResponse(said)


def _pictures(body: dict[str, Any]) -> Iterator[bytes | None]:
    """Pictures of all turns; None for one that is no base64."""
    for content in body.get("contents", ()):
        for part in content.get("parts", ()):
            if "inlineData" in part:
                yield decoded(part["inlineData"].get("data", "?"))


def _asked(model: str, body: dict[str, Any], pictures: list[bytes | None]) -> Asked:
    config = body.get("generationConfig", {})
    schema = config.get("responseJsonSchema") or config.get("responseSchema") or {}
    found = tuple(each for each in pictures if each is not None)
    return Asked(model, found, schema, config.get("maxOutputTokens"))


def _answer(model: str, answer: Answer) -> dict[str, Any]:
    usage = {
        "promptTokenCount": answer.tokens_in,
        "candidatesTokenCount": answer.tokens_out,
        "totalTokenCount": answer.tokens_in + answer.tokens_out,
    }
    if answer.ending == "blocked":
        return {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": usage}
    candidate = {
        "content": {"role": "model", "parts": [{"text": answer.text}]},
        "finishReason": _FINISH[answer.ending],
        "index": 0,
    }
    said = {"candidates": [candidate], "usageMetadata": usage}
    return {**said, "modelVersion": model, "responseId": "sandbox"}


def refuse(refusal: Refusal) -> Response:
    """A key that is wrong, or that has to wait: 400 and 429, as Gemini tells them."""
    if refusal.reason == "key":
        reason = {"@type": f"{_TYPE}.ErrorInfo", "reason": "API_KEY_INVALID"}
        said = "API key not valid. Please pass a valid API key."
        return _error(400, "INVALID_ARGUMENT", said, {**reason, "domain": "googleapis.com"})
    violation = {"quotaMetric": _METRIC, "quotaId": _QUOTAS.get(refusal.reason, _QUOTAS["minute"])}
    # A day's refusal tells a wait of seconds too, after which nothing has changed.
    seconds = 34.0 if refusal.reason == "day" else refusal.retry_after
    return _error(
        429,
        "RESOURCE_EXHAUSTED",
        f"You exceeded your current quota. Please retry in {seconds:g}s.",
        {"@type": f"{_TYPE}.QuotaFailure", "violations": [violation]},
        {"@type": f"{_TYPE}.RetryInfo", "retryDelay": f"{seconds:g}s"},
    )


def _error(code: int, status: str, message: str, *details: dict[str, Any]) -> Response:
    error = {"code": code, "message": message, "status": status, "details": list(details)}
    return JSONResponse({"error": error}, status_code=code)
