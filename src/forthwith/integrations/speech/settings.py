"""Settings of the voices."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from forthwith.platform.config import Settings


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
