"""What a JSON body has to be like."""

from pydantic import BaseModel, ConfigDict


class JsonBody(BaseModel):
    """A body without surprises: what is misspelt is refused, and a text is no number.

    A member that is passed over would do the opposite of what was meant: a key that never expires,
    a whole account deleted in place of one person.
    """

    model_config = ConfigDict(extra="forbid", strict=True)
