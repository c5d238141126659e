"""OpenAI's chat completions as pydantic-ai and the openai SDK speak them."""

import itertools
from collections.abc import Iterator
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from forthwith.platform import clock
from forthwith.sandbox.models.answering import Answer, Answering, Asked, decoded
from forthwith.sandbox.models.contract import Contract
from forthwith.sandbox.quotas import Refusal
from forthwith.sandbox.vendor import Vendor

_FINISH: Final = {"whole": "stop", "cut": "length", "blocked": "content_filter"}


def openai(answering: Answering, contract: Contract | None = None) -> Vendor:
    """The vendor; the key is the bearer token."""
    protocol = _Protocol(answering, contract)
    return Vendor(
        name="openai",
        routes=[Route("/v1/chat/completions", protocol.complete, methods=["POST"])],
        refuse=refuse,
        control=answering.routes(),
    )


class _Protocol:
    def __init__(self, answering: Answering, contract: Contract | None) -> None:
        self._answering = answering
        self._contract = contract
        self._numbers = itertools.count(1)

    async def complete(self, request: Request) -> Response:
        body = await request.json()
        if self._contract is not None:
            self._contract.look_at_openai_request(body)
        pictures = list(_pictures(body))
        if not body.get("messages") or None in pictures:
            return _error(400, "invalid_value", "Invalid image.", "invalid_request_error")
        answer = await self._answering.answer(_asked(body, pictures))
        said = self._said(body["model"], answer)
        if self._contract is not None:
            self._contract.look_at_openai_answer(said)
        return JSONResponse(said)

    def _said(self, model: str, answer: Answer) -> dict[str, Any]:
        message = {"role": "assistant", "content": answer.text, "refusal": None}
        choice = {
            "index": 0,
            "message": message,
            "logprobs": None,
            "finish_reason": _FINISH[answer.ending],
        }
        return {
            "id": f"chatcmpl-sandbox-{next(self._numbers)}",
            "object": "chat.completion",
            "created": int(clock.now().timestamp()),
            "model": model,
            "choices": [choice],
            "usage": {
                "prompt_tokens": answer.tokens_in,
                "completion_tokens": answer.tokens_out,
                "total_tokens": answer.tokens_in + answer.tokens_out,
            },
        }


def _pictures(body: dict[str, Any]) -> Iterator[bytes | None]:
    """Pictures of all messages, from their data URLs; None for one that is none."""
    for message in body.get("messages", ()):
        content = message.get("content")
        for part in content if isinstance(content, list) else ():
            if part.get("type") == "image_url":
                head, _, data = part["image_url"]["url"].partition(",")
                yield decoded(data) if head.endswith(";base64") else None


def _asked(body: dict[str, Any], pictures: list[bytes | None]) -> Asked:
    form = body.get("response_format", {}).get("json_schema", {})
    most = body.get("max_completion_tokens") or body.get("max_tokens")
    found = tuple(each for each in pictures if each is not None)
    return Asked(body["model"], found, form.get("schema", {}), most)


def refuse(refusal: Refusal) -> Response:
    """401, and the two kinds of 429: too fast, and not paid for."""
    if refusal.reason == "key":
        said = "Incorrect API key provided."
        return _error(401, "invalid_api_key", said, "invalid_request_error")
    if refusal.reason == "day":
        said = "You exceeded your current quota, please check your plan and billing details."
        return _error(429, "insufficient_quota", said, "insufficient_quota")
    said = f"Rate limit reached. Please try again in {refusal.retry_after:g}s."
    answer = _error(429, "rate_limit_exceeded", said, "requests")
    answer.headers["retry-after"] = f"{max(1, round(refusal.retry_after))}"
    return answer


def _error(status: int, code: str, message: str, kind: str) -> Response:
    error = {"message": message, "type": kind, "param": None, "code": code}
    return JSONResponse({"error": error}, status_code=status)
