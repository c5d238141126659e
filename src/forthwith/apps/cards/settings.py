"""Settings of the cards bot in LINE."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from forthwith.apps.cards.conversation.commands import Language
from forthwith.platform.config import Settings


class CardBotSettings(Settings):
    """The cards bot in LINE: whose it is, how it batches, how many photos at once."""

    owner: Annotated[
        UUID | None,
        Field(
            default=None,
            validation_alias="CARDS_LINE_OWNER",
            description="Account that owns the channel and what comes by it. "
            "Unset: the first operator.",
        ),
    ]
    language: Annotated[
        Language,
        Field(
            default=Language.CHINESE,
            validation_alias="CARDS_LANGUAGE",
            description="zh-TW, en or ja, until a person writes in one of them.",
        ),
    ]
    batch_idle_seconds: Annotated[
        float,
        Field(
            default=600.0,
            gt=0,
            validation_alias="CARDS_BATCH_IDLE_SECONDS",
            description="A batch without a new photo for so long is closed, with its summary.",
        ),
    ]
    image_set_idle_seconds: Annotated[
        float,
        Field(
            default=20.0,
            gt=0,
            validation_alias="CARDS_IMAGE_SET_IDLE_SECONDS",
            description="The same for photos sent in one go, of which some never came.",
        ),
    ]
    reply_seconds: Annotated[
        float,
        Field(
            default=50.0,
            gt=0,
            le=60,
            validation_alias="CARDS_REPLY_SECONDS",
            description="How long an event may be answered by its reply token, which costs "
            "nothing; LINE takes it for a minute.",
        ),
    ]
    photos_at_once: Annotated[
        int,
        Field(
            default=4,
            ge=1,
            validation_alias="CARDS_PHOTOS_AT_ONCE",
            description="Photos of one person that are worked on at once; the others wait, so "
            "that many photos of one person do not hold up another's.",
        ),
    ]
