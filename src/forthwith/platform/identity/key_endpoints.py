"""`/api-keys`: your keys for programs; a key's secrets are shown once, when it is made."""

from datetime import timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Header, Request, Response
from pydantic import Field

from forthwith.platform import clock
from forthwith.platform.context import Principal
from forthwith.platform.http import (
    KEY_RULE,
    Answer,
    Db,
    JsonBody,
    PageRequest,
    Router,
    Sealing,
    answer_once,
    idempotency_key,
    keep_answer,
    page_request,
    require,
)
from forthwith.platform.identity import api_keys
from forthwith.platform.identity.key_memory import KeyMemory
from forthwith.platform.identity.schemas import KeyName

router = Router(prefix="/api-keys", tags=["api keys"])

Reader = Annotated[Principal, Depends(require("keys:read"))]
Writer = Annotated[Principal, Depends(require("keys:write"))]

LONGEST_OVERLAP_SECONDS: Final = 30 * 86_400
_DAY_SECONDS: Final = 86_400
_SHOWN_ONCE: Final = "Keep the key and the signing secret now: they are not shown again."


class KeyRequest(JsonBody):
    """A key to make."""

    name: KeyName
    scopes: Annotated[list[str], Field(min_length=1, max_length=100)]
    expires_in_days: Annotated[int | None, Field(ge=1, le=3650)] = None
    requests_per_minute: Annotated[int | None, Field(ge=1, le=100_000)] = None


class RotationRequest(JsonBody):
    """How long the old key still works."""

    overlap_seconds: Annotated[int, Field(ge=0, le=LONGEST_OVERLAP_SECONDS)] = _DAY_SECONDS


@router.post("", status_code=201)
async def create_key(
    request: Request,
    db: Db,
    codec: Sealing,
    principal: Writer,
    wanted: KeyRequest,
    _: Annotated[str | None, Header(alias="Idempotency-Key", description=KEY_RULE)] = None,
) -> Response:
    """Make a key with some of your own scopes; the answer shows its secrets, once."""
    api_keys.check_scopes(wanted.scopes, principal.scopes)
    days = wanted.expires_in_days
    wish = api_keys.Wish(
        name=wanted.name,
        scopes=list(dict.fromkeys(wanted.scopes)),
        expires_at=None if days is None else clock.now() + timedelta(days=days),
        requests_per_minute=wanted.requests_per_minute,
    )
    new = api_keys.draft(principal.owner, wish)

    async def create(idempotency: dict[str, object] | None) -> None:
        async with db.transaction() as session:
            await keep_answer(session, idempotency)
            await api_keys.create(session, codec, new)

    key = idempotency_key(request, principal.owner, wanted.model_dump_json().encode())
    return await answer_once(db, codec, key, _shown(new), create)


@router.get("")
async def list_keys(
    db: Db, principal: Reader, page: Annotated[PageRequest, Depends(page_request)]
) -> Response:
    """Your keys without their secrets, newest first; also those not in force any more."""
    async with db.read() as session:
        rows = await api_keys.listed(
            session, principal.owner, before=page.before, limit=page.limit + 1
        )
    return Answer(page.answer(rows, api_keys.view, lambda row: row.id))


@router.post("/{key_id}/rotate", status_code=201)
async def rotate_key(
    request: Request,
    db: Db,
    codec: Sealing,
    principal: Writer,
    key_id: UUID,
    wanted: RotationRequest | None = None,
    _: Annotated[str | None, Header(alias="Idempotency-Key", description=KEY_RULE)] = None,
) -> Response:
    """Make a key like this one; the old one works for a day more, or as long as you say."""
    overlap = timedelta(seconds=(wanted or RotationRequest()).overlap_seconds)
    async with db.read() as session:
        new = await api_keys.successor(session, principal.owner, key_id)
    api_keys.check_scopes(new.wish.scopes, principal.scopes)

    async def create(idempotency: dict[str, object] | None) -> None:
        async with db.transaction() as session:
            await keep_answer(session, idempotency)
            await api_keys.rotate(session, codec, key_id, new, overlap=overlap)
        _forget(request, principal)

    key = idempotency_key(request, principal.owner, f"{key_id}|{overlap}".encode())
    return await answer_once(db, codec, key, _shown(new), create)


@router.delete("/{key_id}")
async def revoke_key(
    request: Request, db: Db, codec: Sealing, principal: Writer, key_id: UUID
) -> Response:
    """End a key at once."""
    async with db.transaction() as session:
        ended = await api_keys.revoke(session, codec, principal.owner, key_id)
    _forget(request, principal)
    return Answer(ended, message="The key was revoked.")


def _shown(new: api_keys.Draft) -> Answer:
    return Answer(new.shown(), status=201, message=_SHOWN_ONCE)


def _forget(request: Request, principal: Principal) -> None:
    """Drop what this process remembers before it answers; the others hear of it in a moment."""
    memory: KeyMemory = request.state.keys
    memory.forget(principal.owner)
