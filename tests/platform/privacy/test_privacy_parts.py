"""Applications that declare nothing of privacy are asked all the same."""

from forthwith import registry
from forthwith.apps.cards.models import Chat
from forthwith.platform import ids
from forthwith.platform.crypto import place
from forthwith.platform.identity.models import Account
from forthwith.platform.privacy import Subject, privacy_of
from forthwith.platform.runtime import Runtime


def test_every_application_has_a_part_in_exports_and_deletions() -> None:
    assert len(registry.privacy_parts()) == len(registry.APPS)


async def test_the_rows_of_a_schema_are_exported_and_deleted_without_its_help(
    runtime: Runtime,
) -> None:
    owner, part = ids.new(), privacy_of("cards")
    state = runtime.codec.seal({"language": "en"}, place("cards.chats", "state", f"{owner}|ann"))
    async with runtime.db.transaction() as session:
        session.add(Account(id=owner, role="member"))
        session.add(Chat(owner=owner, person="ann", state=state))
        session.add(Chat(owner=owner, person="bob", state=state))
    ann = Subject(owner, frozenset({"ann"}))

    files = {
        file.name: b"".join([piece async for piece in file.content])
        async for file in part.export(runtime, ann)
    }
    deleted = await part.erase(runtime, ann)

    assert list(files) == ["cards/chats.json"]
    assert b'"state":{"language":"en"}' in files["cards/chats.json"]
    assert deleted == 1
    assert [row["person"] for row in await runtime.db.fetch("select person from cards.chats")] == [
        "bob"
    ]
