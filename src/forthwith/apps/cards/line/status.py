"""How far a person's photos are at this moment."""

from sqlalchemy import func, select

from forthwith.apps.cards.conversation.words import Words
from forthwith.apps.cards.line import batches, contacts
from forthwith.apps.cards.line.channel import Sender
from forthwith.apps.cards.models import LinePhoto
from forthwith.platform.db import ReadSession


async def rows(session: ReadSession, sender: Sender, words: Words) -> list[tuple[str, str]]:
    """Named figures: of the batch that is open, of photos that wait, of contacts there are."""
    found: list[tuple[str, str]] = []
    batch = await batches.open_batch(session, sender)
    if batch is not None:
        tally = await batches.tally(session, sender.owner, batch.id)
        found.append((words.in_batch, str(tally.received)))
        found += [(words.done, str(tally.done)), (words.failed, str(tally.failed))]
    found.append((words.waiting, str(await _waiting(session, sender))))
    found.append((words.contacts, str(await contacts.count(session, sender))))
    return found


async def _waiting(session: ReadSession, sender: Sender) -> int:
    query = select(func.count()).where(
        LinePhoto.owner == sender.owner,
        LinePhoto.person == sender.person,
        LinePhoto.state == "waiting",
    )
    return int(await session.scalar(query) or 0)
