"""Everything that is sealed in the database, opened: what somebody with the key could read."""

from sqlalchemy import select

from forthwith.platform.rotation import sealed_tables
from forthwith.platform.runtime import Runtime


async def opened_values(runtime: Runtime) -> bytes:
    """All sealed values of all tables, one after the other. Raises when one does not open."""
    found = []
    async with runtime.db.read() as session:
        for each in sealed_tables():
            for row in await session.execute(select(each.table)):
                for column in each.columns:
                    value = getattr(row, column)
                    if value is not None and value[:5] in runtime.codec.marks:
                        found.append(runtime.codec.open_bytes(value, each.place_of(column, row)))
    return b"\n".join(found)
