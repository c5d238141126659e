"""Settings of the cards: who reads them, and the bot in LINE."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from forthwith.apps.cards.conversation.commands import Language
from forthwith.platform.config import Settings


class Reader(StrEnum):
    """Who reads a photo."""

    AUTO = "auto"
    LOCAL = "local"
    MODEL = "model"


class CardReaderSettings(Settings):
    """Reading cards: this machine, a model, or the one after the other."""

    reader: Annotated[
        Reader,
        Field(
            default=Reader.AUTO,
            validation_alias="CARDS_READER",
            description="local: this machine. model: a model, and this machine where none can. "
            "auto: this machine, and a model where it is unsure; without a key the same as local.",
        ),
    ]
    sure_from: Annotated[
        float,
        Field(
            default=0.8,
            ge=0,
            le=1,
            validation_alias="CARDS_SURE_FROM",
            description="Confidence of name, company, e-mails and numbers below which auto asks "
            "a model.",
        ),
    ]


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
            description="Photos of one person that are worked on at once while others wait too, "
            "so that many photos of one person do not hold up another's.",
        ),
    ]


class CardPagesSettings(Settings):
    """Contacts in Notion: whose they are, and what becomes of their pages."""

    owner: Annotated[
        UUID | None,
        Field(
            default=None,
            validation_alias="CARDS_NOTION_OWNER",
            description="Account whose contacts go to Notion. Unset: that of the LINE channel.",
        ),
    ]
    photos: Annotated[
        bool,
        Field(
            default=True,
            validation_alias="CARDS_NOTION_PHOTOS",
            description="Show the photo on its page; costs two more requests a card.",
        ),
    ]
    keeps_deleted: Annotated[
        bool,
        Field(
            default=False,
            validation_alias="CARDS_NOTION_KEEP_DELETED",
            description="Leave the pages of deleted cards. Else they are put into Notion's "
            "trash, which keeps them for 30 days.",
        ),
    ]
    settle_seconds: Annotated[
        float,
        Field(
            default=10.0,
            ge=0,
            validation_alias="CARDS_NOTION_SETTLE_SECONDS",
            description="How long after a request without an answer its page is looked for, "
            "before another is made.",
        ),
    ]
