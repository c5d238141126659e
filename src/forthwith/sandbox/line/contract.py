"""LINE's published specification, held against every request, answer and webhook.

OpenAPI 3.0 with one habit: what a message or action is stands in `discriminator` only, so a
plain validator takes `{"type": "text"}` without its text. Here the mapping is followed. The
files (github.com/line/line-openapi) lie beside the checkout; without them there is no contract.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from forthwith.sandbox.line.rules import Fault, Json

_DEEPER: Final = frozenset({"allOf", "discriminator", "properties", "items", "$ref", "required"})


class Specification:
    """One OpenAPI file."""

    def __init__(self, path: Path) -> None:
        """Needs the extra `sandbox`."""
        import yaml  # noqa: PLC0415 - of the extra

        document = yaml.load(path.read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
        self._schemas: Json = document["components"]["schemas"]
        self._operations = [
            (re.compile(re.sub(r"\{\w+\}", "[^/]+", route)), method, operation)
            for route, methods in document["paths"].items()
            for method, operation in methods.items()
            if isinstance(operation, dict)
        ]

    def faults_of_request(self, method: str, path: str, body: Any) -> list[Fault]:
        """What is wrong with a JSON request."""
        operation = self._operation(method, path)
        if operation is None:
            return [Fault("", f"{method} {path} is not in the specification")]
        schema = _json_schema(operation.get("requestBody", {}))
        return [] if schema is None else list(self._faults(schema, body, ""))

    def faults_of_answer(self, method: str, path: str, status: int, body: Any) -> list[Fault]:
        """What is wrong with a JSON answer of a status that the specification describes."""
        operation = self._operation(method, path) or {}
        schema = _json_schema(operation.get("responses", {}).get(str(status), {}))
        return [] if schema is None else list(self._faults(schema, body, ""))

    def faults_of(self, name: str, value: Any) -> list[Fault]:
        """What is wrong with a value of the schema of this name."""
        return list(self._faults(self._schemas[name], value, ""))

    def _operation(self, method: str, path: str) -> Json | None:
        for route, each_method, operation in self._operations:
            if each_method == method.lower() and route.fullmatch(path):
                return operation
        return None

    def _faults(self, schema: Json, value: Any, place: str) -> Iterator[Fault]:
        schema = self._resolved(schema)
        if "discriminator" in schema and isinstance(value, dict):
            mapping: Mapping[str, str] = schema["discriminator"]["mapping"]
            kind = value.get(schema["discriminator"]["propertyName"])
            if not isinstance(kind, str) or kind not in mapping:
                known = ", ".join(mapping)
                yield Fault(f"{place}.type", f"{kind!r} is none of: {known}")
                return
            schema = self._resolved({"$ref": mapping[kind]})
        yield from self._faults_of_shape(self._merged(schema), value, place)

    def _faults_of_shape(self, schema: Json, value: Any, place: str) -> Iterator[Fault]:
        """This level by the validator, the levels below by the walk."""
        shallow = {name: rule for name, rule in schema.items() if name not in _DEEPER}
        for error in _validator()(shallow).iter_errors(value):
            yield Fault(place, f"breaks {error.validator} {error.validator_value!r}")
        if isinstance(value, list) and "items" in schema:
            for number, each in enumerate(value):
                yield from self._faults(schema["items"], each, f"{place}[{number}]")
        if isinstance(value, dict) and schema.get("properties"):
            yield from self._faults_of_members(schema, value, place)

    def _faults_of_members(self, schema: Json, value: Json, place: str) -> Iterator[Fault]:
        for name in schema["required"]:
            if name not in value:
                yield Fault(f"{place}.{name}", "is required")
        for name, each in value.items():
            if name in schema["properties"]:
                yield from self._faults(schema["properties"][name], each, f"{place}.{name}")
            else:
                yield Fault(f"{place}.{name}", "is not in the specification")

    def _merged(self, schema: Json) -> Json:
        """The schema and all that it is made of, as one level without kinds."""
        merged: Json = {"properties": {}, "required": []}
        for part in (*map(self._resolved, schema.get("allOf", ())), schema):
            whole = self._merged(part) if part is not schema and "allOf" in part else part
            merged["properties"] |= whole.get("properties", {})
            merged["required"] += whole.get("required", [])
            merged |= {name: rule for name, rule in whole.items() if name not in _DEEPER}
        if "items" in schema:
            merged["items"] = schema["items"]
        return merged

    def _resolved(self, schema: Json) -> Json:
        while "$ref" in schema:
            schema = self._schemas[schema["$ref"].rpartition("/")[2]]
        return schema


def _json_schema(described: Json) -> Json | None:
    for media_type, content in described.get("content", {}).items():
        if "json" in media_type:
            schema: Json | None = content.get("schema")
            return schema
    return None


@cache
def _validator() -> Any:
    from openapi_schema_validator import OAS30Validator  # noqa: PLC0415 - of the extra

    return OAS30Validator


@cache
def _specification(path: Path) -> Specification:
    """Reading one takes a fifth of a second."""
    return Specification(path)


class Contract:
    """The specifications of one folder, and what has broken them so far."""

    def __init__(self, folder: Path) -> None:
        """Raises FileNotFoundError when the folder does not hold the specification."""
        self._messaging = _specification(folder / "messaging-api.yml")
        self._webhook = _specification(folder / "webhook.yml")
        self.broken: list[str] = []

    def look_at_request(self, method: str, path: str, body: Any) -> None:
        """Note what is wrong with a request."""
        self._note(f"{method} {path}", self._messaging.faults_of_request(method, path, body))

    def look_at_answer(self, method: str, path: str, status: int, body: Any) -> None:
        """Note what is wrong with an answer."""
        where = f"{status} to {method} {path}"
        self._note(where, self._messaging.faults_of_answer(method, path, status, body))

    def look_at_webhook(self, body: Any) -> None:
        """Note what is wrong with a webhook."""
        self._note("webhook", self._webhook.faults_of("CallbackRequest", body))

    def _note(self, where: str, faults: list[Fault]) -> None:
        self.broken += [f"{where}{each.property}: {each.message}" for each in faults]
