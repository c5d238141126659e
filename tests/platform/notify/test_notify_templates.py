"""Wordings are plain text with names, whatever the data are."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forthwith.platform.notify import Address, Template, templates


def template(subject: str = "{name}", body: str = "{name}", **more: Any) -> Template:
    return Template("test.wording", subject={"en": subject}, body={"en": body}, **more)


@pytest.mark.parametrize(
    "wording",
    ["{name.__class__}", "{name[0]}", "{0}", "{}", "{name!r}", "{name:>10}", "{a b}", "{", "}"],
)
def test_a_wording_that_is_more_than_names_is_refused(wording: str) -> None:
    with pytest.raises(ValueError, match=r"more than a name|brace|'[{}]'|end of format"):
        template(body=wording)


@given(st.text(max_size=300))
def test_any_datum_is_shown_as_it_is_but_for_what_cannot_be_shown(value: str) -> None:
    wording = template(body="<{name}>").render("en", {"name": value})

    assert wording.subject.isprintable() or not value.isprintable()
    assert "\n" not in wording.subject
    assert "\r" not in wording.subject
    if value.isprintable():
        assert wording.body == f"<{value}>"
    wording.body.encode()


@pytest.mark.parametrize(
    ("value", "shown"), [(1, "1"), (0.5, "0.5"), (None, ""), (True, "True"), ("{name}", "{name}")]
)
def test_scalars_are_written_plainly(value: str | float | None, shown: str) -> None:
    assert template().render("en", {"name": value}).body == shown


def test_doubled_braces_belong_to_the_text() -> None:
    assert template(body="{{{name}}}").render("en", {"name": "x"}).body == "{x}"


def test_a_template_needs_english_and_equal_languages() -> None:
    with pytest.raises(ValueError, match="en"):
        Template("t", subject={"ja": "x"}, body={"ja": "x"})
    with pytest.raises(ValueError, match="equal"):
        Template("t", subject={"en": "x", "ja": "x"}, body={"en": "x"})


def test_a_name_stands_for_one_template() -> None:
    same = template("one")
    templates.register(same, template("one"))

    with pytest.raises(ValueError, match=r"test\.wording"):
        templates.register(template("two"))


@pytest.mark.parametrize(
    ("channel", "target"),
    [("", "a"), ("Mail", "a"), ("m a", "a"), ("mail", ""), ("mail", "a\nb"), ("mail", "a" * 5000)],
)
def test_an_address_that_makes_no_sense_is_refused(channel: str, target: str) -> None:
    with pytest.raises(ValueError, match=r"channel|target"):
        Address(channel, target)
