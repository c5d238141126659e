"""Settings of the models."""

from typing import Annotated

from pydantic import Field, SecretStr

from forthwith.platform.config import Settings


class ModelSettings(Settings):
    """Models: whose are asked, in which order, how much and how long they may answer."""

    google_api_key: Annotated[
        SecretStr | None,
        Field(
            default=None,
            validation_alias="GOOGLE_API_KEY",
            description="Key of the Gemini API; several with commas.",
        ),
    ]
    google_api_key_fallback: Annotated[
        SecretStr | None,
        Field(
            default=None,
            validation_alias="GOOGLE_API_KEY_FALLBACK",
            description="A further key of it, used while another one is out.",
        ),
    ]
    gemini_model: Annotated[
        str,
        Field(
            default="gemini-3.5-flash-lite",
            validation_alias="GEMINI_MODEL",
            description="Model of Gemini.",
        ),
    ]
    gemini_base_url: Annotated[
        str | None,
        Field(
            default=None,
            validation_alias="GEMINI_BASE_URL",
            description="Stands for generativelanguage.googleapis.com, such as a local sandbox.",
        ),
    ]
    openai_api_key: Annotated[
        SecretStr | None,
        Field(
            default=None,
            validation_alias="OPENAI_API_KEY",
            description="Key of OpenAI, or of what speaks as it does; several with commas.",
        ),
    ]
    openai_base_url: Annotated[
        str,
        Field(
            default="https://api.openai.com/v1",
            validation_alias="OPENAI_API_BASE",
            description="Where chat completions are answered, with its version.",
        ),
    ]
    default_model: Annotated[
        str,
        Field(
            default="gpt-6-luna",
            validation_alias="DEFAULT_AI_MODEL",
            description="Model of OpenAI, asked where Gemini cannot answer.",
        ),
    ]
    fallback_model: Annotated[
        str | None,
        Field(
            default=None,
            validation_alias="FALLBACK_AI_MODEL",
            description="A further model of OpenAI, asked where the other one cannot answer.",
        ),
    ]
    temperature: Annotated[
        float,
        Field(
            default=0.0,
            ge=0,
            le=2,
            validation_alias="AI_TEMPERATURE",
            description="0 is the most repeatable; left out for models that take none.",
        ),
    ]
    max_tokens: Annotated[
        int,
        Field(
            default=4096,
            ge=64,
            validation_alias="AI_MAX_TOKENS",
            description="Longest answer; one that is cut off is asked for again with four times "
            "as many.",
        ),
    ]
    timeout_seconds: Annotated[
        float,
        Field(
            default=30.0,
            gt=0,
            validation_alias="AI_TIMEOUT_SECONDS",
            description="How long one call may take.",
        ),
    ]
    wait_seconds: Annotated[
        float,
        Field(
            default=5.0,
            gt=0,
            validation_alias="AI_WAIT_SECONDS",
            description="How long a call waits for a key with room, before the next provider "
            "is asked.",
        ),
    ]
    max_concurrent: Annotated[
        int,
        Field(
            default=50,
            ge=1,
            validation_alias="MAX_CONCURRENT_AI",
            description="Calls at once to each vendor, in all processes together.",
        ),
    ]
