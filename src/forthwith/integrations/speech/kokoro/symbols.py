"""Tables of phonemes, as many as fit on a line."""


def table(text: str) -> dict[str, str]:
    """A table written as `sound:symbols`, apart by spaces."""
    return dict(pair.split(":") for pair in text.split())
