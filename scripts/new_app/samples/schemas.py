"""What goes over HTTP."""

from typing import Annotated
from uuid import UUID

import msgspec
from pydantic import BaseModel, Field


class NewSample(BaseModel):
    """The body of a POST."""

    content: Annotated[str, Field(min_length=1, max_length=10_000)]


class SampleView(msgspec.Struct, frozen=True):
    """A sample as its owner sees it."""

    id: UUID
    run_id: UUID
    status: str
    processing: bool
    content: str
    created_at: str
