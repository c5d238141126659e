"""Requests are held against LINE's specification, and against rules by hand that go further."""

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from line_channel import specification

from forthwith.sandbox.line.contract import Contract
from forthwith.sandbox.line.rules import faults_of_messages

PUSH = ("POST", "/v2/bot/message/push")
MESSAGES: list[dict[str, Any]] = [
    {
        "type": "text",
        "text": "Hello",
        "quoteToken": "q",
        "quickReply": {
            "items": [
                {"type": "action", "action": {"type": "message", "label": "a", "text": "b"}},
                {"type": "action", "action": {"type": "postback", "label": "a", "data": "b"}},
            ]
        },
    },
    {
        "type": "flex",
        "altText": "card",
        "contents": {
            "type": "bubble",
            "hero": {"type": "image", "url": "https://pictures.example/1.jpg"},
            "body": {
                "type": "box",
                "layout": "vertical",
                "contents": [
                    {"type": "text", "text": "Name"},
                    {"type": "separator"},
                    {
                        "type": "button",
                        "action": {"type": "uri", "label": "Call", "uri": "tel:+886"},
                    },
                ],
            },
        },
    },
]


@pytest.fixture
def contract() -> Contract:
    """The specification beside the checkout, or a skip."""
    folder = specification()
    if folder is None:
        pytest.skip("the contracts of ../shared (or FORTHWITH_SHARED) are not here")
    return Contract(folder)


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The way to every member of a message."""
    found: list[tuple[str | int, ...]] = []
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for name, each in inside:
        if isinstance(value, dict):
            found.append((*path, name))
        if isinstance(each, dict | list):
            found += places(each, (*path, name))
    return found


def changed(path: tuple[str | int, ...], **to: Any) -> list[dict[str, Any]]:
    """The messages without a member, or with another one in its place."""
    messages = copy.deepcopy(MESSAGES)
    inside: Any = messages
    for name in path[:-1]:
        inside = inside[name]
    if "to" in to:
        inside[path[-1]] = to["to"]
    else:
        del inside[path[-1]]
    return messages


def broken_by(contract: Contract, messages: list[dict[str, Any]]) -> list[str]:
    """What the specification says of a push of them."""
    contract.broken.clear()
    contract.look_at_request(*PUSH, {"to": "U1", "messages": messages})
    return list(contract.broken)


def test_good_messages_break_nothing(contract: Contract) -> None:
    assert broken_by(contract, MESSAGES) == []
    assert faults_of_messages({"messages": MESSAGES}) == []


@pytest.mark.parametrize("path", places(MESSAGES))
def test_what_the_specification_demands_the_rules_demand(
    contract: Contract, path: tuple[str | int, ...]
) -> None:
    """Without any one member: whatever breaks the specification is refused by the sandbox."""
    messages = changed(path)

    assert faults_of_messages({"messages": messages}) or not broken_by(contract, messages)


@pytest.mark.parametrize(
    ("path", "to", "said"),
    [
        ((0, "text"), 5, "breaks type 'string'"),
        ((0, "type"), "telepathy", "none of"),
        ((0, "colour"), "red", "is not in the specification"),
        ((1, "contents", "body", "layout"), "diagonal", "breaks enum"),
        ((1, "contents", "body", "contents", 2, "action"), {"type": "jump"}, "none of"),
        ((0, "quickReply", "items"), [{"type": "action"}] * 14, "breaks maxItems 13"),
    ],
)
def test_the_walk_finds_what_is_wrong_at_any_depth(
    contract: Contract, path: tuple[str | int, ...], to: Any, said: str
) -> None:
    (found,) = broken_by(contract, changed(path, to=to))

    assert said in found


def test_a_text_without_its_text_is_found(contract: Contract) -> None:
    """The specification names it by the discriminator only, which plain validators pass over."""
    assert broken_by(contract, [{"type": "text"}]) == [
        "POST /v2/bot/message/push.messages[0].text: is required"
    ]


def test_answers_and_webhooks_are_looked_at_too(contract: Contract) -> None:
    contract.look_at_answer("GET", "/v2/bot/message/quota", 200, {"type": "limited", "value": "x"})
    contract.look_at_webhook({"destination": "U" + "0" * 32, "events": [{"type": "message"}]})
    contract.look_at_request("POST", "/v2/bot/message/teleport", {})

    assert any("quota.value" in each for each in contract.broken)
    assert any("webhookEventId: is required" in each for each in contract.broken)
    assert any("teleport is not in the specification" in each for each in contract.broken)


def test_a_folder_without_the_specification_is_no_contract(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Contract(tmp_path)


@pytest.mark.parametrize(
    ("path", "to", "said"),
    [
        ((0, "text"), "x" * 5_001, "between 0 and 5000"),
        ((0, "text"), "🙂" * 2_501, "between 0 and 5000"),
        ((0, "quickReply", "items"), [], "between 1 and 13"),
        ((0, "quickReply", "items", 0, "action", "label"), "x" * 21, "between 0 and 20"),
        ((0, "quickReply", "items", 1, "action", "data"), "x" * 301, "between 0 and 300"),
        ((1, "altText"), "x" * 1_501, "between 0 and 1500"),
        ((1, "contents", "hero", "url"), "http://plain.example/1.jpg", "invalid uri scheme"),
        ((1, "contents", "body", "contents", 0, "text"), "", "May not be empty"),
        ((1, "contents", "body", "contents", 2, "action", "uri"), "javascript:1", "scheme"),
        ((1, "contents", "size"), "huge", "Must be one of"),
    ],
)
def test_the_rules_know_limits_that_the_specification_leaves_out(
    path: tuple[str | int, ...], to: Any, said: str
) -> None:
    (found,) = faults_of_messages({"messages": changed(path, to=to)})

    assert said in found.message


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(places(MESSAGES)), json_values)
def test_the_rules_never_raise(path: tuple[str | int, ...], value: Any) -> None:
    """Whatever stands anywhere in a message."""
    for fault in faults_of_messages({"messages": changed(path, to=value)}):
        assert fault.property.startswith("messages")
