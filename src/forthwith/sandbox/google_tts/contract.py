"""Google's discovery document, held against every request and answer.

Discovery is no JSON Schema: a schema lists properties without saying which are required, and
`format` says what a string holds. The file lies beside the checkout; without it there is no
contract.
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

Json = dict[str, Any]

_IS: Final[dict[str, Callable[[Any], bool]]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
}


class Contract:
    """The document, and what has broken it so far."""

    def __init__(self, document: Path) -> None:
        """Raises FileNotFoundError when there is none."""
        self._schemas: Json = json.loads(document.read_bytes())["schemas"]
        self.broken: list[str] = []

    def look_at(self, name: str, value: Any) -> list[str]:
        """Note, and give, what is wrong with a value of the schema of this name."""
        faults = list(self._faults(self._schemas[name], value, name))
        self.broken += faults
        return faults

    def _faults(self, schema: Json, value: Any, place: str) -> Iterator[str]:
        if "$ref" in schema:
            schema = self._schemas[schema["$ref"]]
        if schema["type"] == "object":
            yield from self._faults_of_object(schema, value, place)
        elif schema["type"] == "array":
            yield from self._faults_of_array(schema, value, place)
        elif not _IS[schema["type"]](value):
            yield f"{place} is no {schema['type']}"
        elif "enum" in schema and value not in schema["enum"]:
            yield f"{place} is none of {', '.join(schema['enum'])}"
        elif schema.get("format") == "byte" and not _is_base64(value):
            yield f"{place} is no base64"

    def _faults_of_object(self, schema: Json, value: Any, place: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{place} is no object"
            return
        for name, each in value.items():
            if name in schema["properties"]:
                yield from self._faults(schema["properties"][name], each, f"{place}.{name}")
            else:
                yield f"{place}.{name} is not in the document"

    def _faults_of_array(self, schema: Json, value: Any, place: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{place} is no array"
            return
        for number, each in enumerate(value):
            yield from self._faults(schema["items"], each, f"{place}[{number}]")


def _is_base64(value: str) -> bool:
    try:
        base64.b64decode(value, validate=True)
    except binascii.Error:
        return False
    return True
