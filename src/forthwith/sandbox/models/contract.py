"""The published shapes of both vendors, held against every request and answer.

They lie beside the checkout: OpenAI's OpenAPI 3.1, and for Gemini the JSON Schemas of
google-genai's types. Without them there is no contract.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

Json = Mapping[str, Any]


@cache
def _document(path: Path) -> dict[str, Any]:
    return msgspec.json.decode(path.read_bytes(), type=dict[str, Any])


class Contract:
    """The specifications of both, and what has broken them so far."""

    def __init__(self, folder: Path) -> None:
        """Raises FileNotFoundError when the folder does not hold both."""
        self._gemini = _document(folder / "gemini" / "sdk-types.schema.json")
        self._openai = _document(folder / "openai" / "openapi-subset.json")
        self.broken: list[str] = []

    def look_at_gemini_request(self, body: Json) -> None:
        """Note what is wrong with the contents and the settings of a request."""
        for content in (*body.get("contents", ()), body.get("systemInstruction")):
            if content is not None:
                self._note("content", _renamed(content), self._gemini["Content"])
        config = _renamed(body.get("generationConfig", {}))
        self._note("generationConfig", config, self._gemini["GenerationConfig"])

    def look_at_gemini_answer(self, body: Json) -> None:
        """Note what is wrong with an answer."""
        self._note("answer", body, self._gemini["GenerateContentResponse"])

    def look_at_openai_request(self, body: Json) -> None:
        """Note what is wrong with a request."""
        self._note("request", body, self._of_openai("CreateChatCompletionRequest"))

    def look_at_openai_answer(self, body: Json) -> None:
        """Note what is wrong with an answer."""
        self._note("answer", body, self._of_openai("CreateChatCompletionResponse"))

    def _of_openai(self, name: str) -> Json:
        schemas = self._openai["components"]["schemas"]
        return {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}

    def _note(self, what: str, value: Any, schema: Json) -> None:
        from openapi_schema_validator import OAS31Validator  # noqa: PLC0415 - of the extra

        for error in OAS31Validator(schema).iter_errors(value):
            place = "/".join(map(str, error.absolute_path))
            self.broken.append(f"{what} {place} breaks {error.validator}: {error.message[:200]}")


def _renamed(value: Any) -> Any:
    """Names as the schema has them: Google takes both spellings, and its SDK mixes them."""
    if isinstance(value, list):
        return [_renamed(each) for each in value]
    if isinstance(value, dict):
        return {_camel(name): _renamed(each) for name, each in value.items()}
    return value


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))
