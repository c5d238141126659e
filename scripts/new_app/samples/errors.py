"""What can go wrong with samples, beyond what can go wrong with anything."""

from forthwith.platform.errors import NotFound


class SampleNotFound(NotFound):
    """No such sample, or somebody else's."""

    code = "SAMPLE_NOT_FOUND"
