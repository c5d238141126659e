"""What can go wrong with cards, beyond what can go wrong with anything."""

from forthwith.platform.errors import NotFound, Unauthorized, Unprocessable


class CardNotFound(NotFound):
    """No such card, or somebody else's."""

    code = "CARD_NOT_FOUND"


class NothingToExport(Unprocessable):
    """The card cannot be given in the form that was asked for."""

    code = "NOTHING_TO_EXPORT"


class NoTextFound(Unprocessable):
    """The photo shows nothing that could be read."""

    code = "NO_TEXT_FOUND"


class PhotosSpent(Unprocessable):
    """The plan of the channel's owner allows no more photos today."""

    code = "QUOTA_EXCEEDED"


class ValueRefused(Unprocessable):
    """What was typed cannot be a value of the field."""

    code = "VALUE_REFUSED"


class LinkExpired(Unauthorized):
    """A link to a contact is too old, or was never given out."""

    code = "LINK_EXPIRED"
