"""The database: typed sessions over SQLAlchemy, and single statements over asyncpg.

`transaction()` is the only thing that commits. `read()` gives a session that the server
itself holds to reading. `fetch`, `fetchrow` and `execute` run one statement as its own
transaction, without the round trips of BEGIN and COMMIT: the hot paths use them.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, ClassVar, Final, TypeAlias, TypeVar

import asyncpg
from sqlalchemy import DateTime, MetaData
from sqlalchemy import exc as sqlalchemy_errors
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, MappedAsDataclass

from forthwith.platform import connections
from forthwith.platform.notices import Notices

EVENTS_CHANNEL: Final = "forthwith_events"
NOTICE_LIMIT_BYTES: Final = 7_900
"""PostgreSQL refuses a payload of 8,000 bytes and aborts the transaction."""
_COMMAND_SECONDS: Final = 10.0
_NOTIFY: Final = (
    "select pg_notify(channel, told) from unnest($1::text[], $2::text[]) as n (channel, told)"
)

T = TypeVar("T")
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Pooled: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"

FAILURES: Final = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.exceptions.OperatorInterventionError,
    asyncpg.exceptions.CannotConnectNowError,
    asyncpg.exceptions.TooManyConnectionsError,
)
"""What a database that is away, restarting or cut off raises; worth trying again."""


def is_away(error: BaseException | None) -> bool:
    """Whether an error, also inside SQLAlchemy's, tells that the database is away."""
    if isinstance(error, sqlalchemy_errors.DBAPIError):
        cause = error.orig.__cause__ if error.orig else None
        return error.connection_invalidated or is_away(cause)
    if isinstance(error, asyncpg.DataError):  # an InterfaceError, but about a value
        return False
    if isinstance(error, OSError) and error.filename is not None:  # about a file
        return False
    return isinstance(error, (*FAILURES, sqlalchemy_errors.TimeoutError))


class Base(MappedAsDataclass, DeclarativeBase):
    """The base of all tables; every table names its PostgreSQL schema."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: DateTime(timezone=True)}
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class ReadSession(AsyncSession):
    """A session that may only read."""

    async def fetch(self, sql: str, *values: object) -> list[asyncpg.Record]:
        """All rows of a statement with `$1` for its first value, in this session's transaction.

        For hot paths: past SQLAlchemy it takes half of the time of `execute(text(...))`, and a
        sixth of that of a statement which is put together each time. Raises as asyncpg does.
        """
        return await self._ask(lambda driver: driver.fetch(sql, *values))

    async def fetchrow(self, sql: str, *values: object) -> asyncpg.Record | None:
        """The first row of such a statement."""
        return await self._ask(lambda driver: driver.fetchrow(sql, *values))

    async def _ask(self, question: "Callable[[Connection], Awaitable[T]]") -> T:
        """Ask the connection below; SQLAlchemy is told when that has broken."""
        driver = await self._driver()
        try:
            return await question(driver)
        except Exception:
            if driver.is_closed():
                await (await self.connection()).invalidate()
            raise

    async def _driver(self) -> Connection:
        """The connection below, in the transaction, with all that was changed here sent."""
        if self.new or self.dirty or self.deleted:
            await self.flush()
        if "driver" not in self.info:
            pooled = await (await self.connection()).get_raw_connection()
            await _begin(pooled.dbapi_connection)
            self.info["driver"] = pooled.driver_connection
        driver: Connection = self.info["driver"]
        return driver


class Session(ReadSession):
    """A session of a transaction that may write; collects what to tell once it is committed."""

    def tell(self, channel: str, payload: str) -> None:
        """Tell all processes that listen, if and once the transaction is committed."""
        self.notices.append((channel, payload))

    @property
    def notices(self) -> list[tuple[str, str]]:
        """Channels and payloads of what is to be told."""
        collected: list[tuple[str, str]] = self.info.setdefault("notices", [])
        return collected


class Database:
    """One PostgreSQL, for one process; `command_seconds` None lets statements of sessions last."""

    def __init__(
        self,
        dsn: str,
        *,
        pool_size: int = 6,
        max_overflow: int = 0,
        command_seconds: float | None = _COMMAND_SECONDS,
    ) -> None:
        self.dsn = dsn
        self._command_seconds = command_seconds
        self._engine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=self.connect,
            pool_size=pool_size,
            max_overflow=max_overflow,
            pool_pre_ping=True,
            pool_use_lifo=True,  # the one that knows most statements
            hide_parameters=True,  # an error must not carry personal values into a log
        )
        self._engine.dialect.do_ping = _is_open  # type: ignore[assignment]
        self._sessions = async_sessionmaker(self._engine, class_=Session, expire_on_commit=False)
        self._readers = async_sessionmaker(
            self._engine.execution_options(postgresql_readonly=True),
            class_=ReadSession,
            expire_on_commit=False,
        )
        self._statements_size = pool_size + max_overflow
        self._statements: asyncpg.Pool[asyncpg.Record] | None = None
        self._notices = Notices(self._notify, FAILURES)

    async def connect(self, **options: Any) -> Connection:
        """A connection outside every pool, for LISTEN and for leases; the caller closes it."""
        options.setdefault("command_timeout", self._command_seconds)
        return await asyncpg.connect(self.dsn, connection_class=connections.Connection, **options)

    async def open(self) -> None:
        """Open the pool of single statements; fails early when the server is not there."""
        self._statements = await self.statement_pool(self._statements_size, _COMMAND_SECONDS)

    def statement_pool(
        self, max_size: int, command_seconds: float
    ) -> "asyncpg.Pool[asyncpg.Record]":
        """A pool for single statements only, to be awaited or entered; the caller closes it."""
        return asyncpg.create_pool(
            self.dsn,
            min_size=1,
            max_size=max_size,
            connection_class=connections.Connection,
            command_timeout=command_seconds,
            init=_plan_once,
            reset=_leave_as_it_is,
        )

    async def close(self) -> None:
        """Tell what is still to be told, and close every connection: what else runs is cut off."""
        await self._notices.close()
        if self._statements is not None:
            self._statements.terminate()
        await self._engine.dispose()

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Session]:
        """A transaction: committed when the block ends, rolled back when it raises."""
        async with self._sessions() as session:
            yield session
            await session.commit()
        for channel, payload in session.notices:
            self.tell(channel, payload)

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[ReadSession]:
        """A read-only snapshot."""
        async with self._readers() as session:
            yield session

    @property
    def statements(self) -> "asyncpg.Pool[asyncpg.Record]":
        """The pool of single statements."""
        if self._statements is None:
            raise RuntimeError("the database was not opened")
        return self._statements

    async def fetch(self, sql: str, *values: object) -> list[asyncpg.Record]:
        """All rows of one statement, in its own transaction."""
        return await ask(self.statements, lambda each: each.fetch(sql, *values))

    async def fetchrow(self, sql: str, *values: object) -> asyncpg.Record | None:
        """The first row of one statement, in its own transaction."""
        return await ask(self.statements, lambda each: each.fetchrow(sql, *values))

    async def execute(self, sql: str, *values: object) -> str:
        """Run one statement in its own transaction; the server's command tag."""
        return await ask(self.statements, lambda each: each.execute(sql, *values))

    def tell(self, channel: str, payload: str) -> None:
        """Tell all processes that listen, soon, of what is committed; at most 7,900 bytes."""
        self._notices.tell(channel, payload)

    async def _notify(self, channels: Sequence[str], payloads: Sequence[str]) -> None:
        await self.fetch(_NOTIFY, channels, payloads)


async def ask(
    pool: "asyncpg.Pool[asyncpg.Record]",
    question: "Callable[[Pooled], Awaitable[T]]",
    seconds: float = _COMMAND_SECONDS,
) -> T:
    """Run one statement on a connection of the pool; throw away one that does not answer.

    On a network that is cut without a word asyncpg would wait for ever, after its own time-out,
    for the cancellation of the statement to be confirmed.
    """
    connection = await pool.acquire(timeout=seconds)
    try:
        return await question(connection)
    except TimeoutError:
        connection.terminate()
        await pool.expire_connections()
        raise
    finally:
        await pool.release(connection, timeout=seconds)


async def _begin(connection: Any) -> None:
    """Begin what SQLAlchemy begins with its first statement. Raises as asyncpg does."""
    if connection._transaction is not None:  # noqa: SLF001 - there is no public name
        return
    try:
        await connection._start_transaction()  # noqa: SLF001 - nor a public way
    except connection.dbapi.Error as error:  # of SQLAlchemy's own, around asyncpg's
        raise error.__cause__ or error from None


def _is_open(connection: Any) -> bool:
    """Whether a pooled connection is still there, as its socket knows it.

    SQLAlchemy's own ping is three round trips before each session. A server that ended has closed
    the socket; a network that was cut without a word would keep a ping waiting just as long as
    the statement after it.
    """
    driver: Connection = connection.driver_connection
    return not driver.is_closed()


async def _plan_once(connection: Connection) -> None:
    """Keep the plan of a prepared statement, which is most of its cost on partitioned tables.

    Left to itself PostgreSQL plans each execution anew there: a generic plan looks as if it
    read every partition, though only the one with the id is opened when it runs.
    """
    await connection.execute("set plan_cache_mode = force_generic_plan")


async def _leave_as_it_is(_: Connection) -> None:
    """A single statement leaves no session state; asyncpg's reset is a second round trip."""


@asynccontextmanager
async def opened(database: Database) -> AsyncIterator[Database]:
    """The database, open inside the block."""
    await database.open()
    try:
        yield database
    finally:
        await database.close()
