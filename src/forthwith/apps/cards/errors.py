"""What can go wrong with cards, beyond what can go wrong with anything."""

from forthwith.platform.errors import NotFound, Unprocessable


class CardNotFound(NotFound):
    """No such card, or somebody else's."""

    code = "CARD_NOT_FOUND"


class NothingToExport(Unprocessable):
    """The card cannot be given in the form that was asked for."""

    code = "NOTHING_TO_EXPORT"


class NoTextFound(Unprocessable):
    """The photo shows nothing that could be read."""

    code = "NO_TEXT_FOUND"
