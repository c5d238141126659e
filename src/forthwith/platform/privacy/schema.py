"""What any application keeps of somebody in the tables of its schema, without its help."""

from collections.abc import AsyncIterator

from forthwith.platform.privacy import rows
from forthwith.platform.privacy.declared import ExportedFile, Privacy, Subject
from forthwith.platform.privacy.runs import erase_runs
from forthwith.platform.runtime import Runtime


async def erase(runtime: Runtime, schema: str, subject: Subject) -> int:
    """Delete all rows of theirs in a schema, and the runs that the rows name; how many rows."""
    tables = rows.tables_of(schema)
    for each in tables:
        condition = rows.belongs_to(each.table, subject)
        if condition is None or "run" not in each.table.c:
            continue
        async for page in rows.pages(runtime.db, each, condition):
            runs = [row.run for row in page if row.run is not None]
            async with runtime.db.transaction() as session:
                await erase_runs(session, runtime, subject.owner, runs)
    async with runtime.db.transaction() as session:
        return await rows.delete_rows(session, tables, subject)


def privacy_of(schema: str) -> Privacy:
    """The part of an application that declares none: its rows are all it keeps."""

    async def export(runtime: Runtime, subject: Subject) -> AsyncIterator[ExportedFile]:
        tables = rows.tables_of(schema)
        async for file in rows.exported(runtime.db, runtime.codec, tables, subject):
            yield file

    async def erase_rows(runtime: Runtime, subject: Subject) -> int:
        return await erase(runtime, schema, subject)

    return Privacy(export=export, erase=erase_rows)
