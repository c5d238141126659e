"""The key pool: any number of keys of one vendor, each with limits and a standing of its own.

A call gets the key with most room. A key that was rejected is retired until a person resets
it, one that is told to wait cools for that time, one without quota is out until its reset;
the fleet shares all of it through the store. Secrets stay in this object: the store knows an
alias and, with a codec, a keyed fingerprint.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType

from pydantic import SecretStr

from forthwith.platform import clock, logging
from forthwith.platform.crypto import Codec
from forthwith.platform.errors import Exhausted, KeyRejected, NotFound, Transient, UpstreamError
from forthwith.platform.upstream.budgets import accounts
from forthwith.platform.upstream.budgets.accounts import Account, AccountState, Standing
from forthwith.platform.upstream.budgets.lease import Lease
from forthwith.platform.upstream.budgets.limiter import ONE_CALL, Limiter
from forthwith.platform.upstream.budgets.limits import Limits
from forthwith.platform.upstream.budgets.line import Priority
from forthwith.platform.upstream.budgets.parts import Cost, Dimension
from forthwith.platform.upstream.budgets.store import BudgetStore

log = logging.get(__name__)

_FINGERPRINT_HEX = 16


@dataclass(frozen=True, slots=True)
class Key:
    """One key: a name to speak of it, the secret, and what the vendor allows it."""

    alias: str
    secret: str = field(repr=False)
    limits: Limits = field(default_factory=Limits)


def keys_from(*settings: SecretStr | str | None, limits: Limits) -> list[Key]:
    """Keys from settings in order, each one key or several with commas; named key-1, key-2, ...

    A secret that stands twice is one key; unset settings give none.
    """
    texts = [each.get_secret_value() if isinstance(each, SecretStr) else each for each in settings]
    secrets = [part.strip() for text in texts if text for part in text.split(",")]
    unique = dict.fromkeys(filter(None, secrets))
    return [Key(f"key-{number}", secret, limits) for number, secret in enumerate(unique, 1)]


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """A key as people see it; `rooms` are the free shares of its limits, 0 to 1."""

    alias: str
    standing: Standing
    until: datetime | None
    rooms: dict[str, float]


class KeyLease(Lease, eq=False, kw_only=True):
    """A key for one call. An error of the vendor that leaves the block is noted by itself."""

    pool: "KeyPool"
    secret: str
    error: UpstreamError | None = None

    @property
    def alias(self) -> str:
        """The name of the key."""
        return self.grant.alias

    def __repr__(self) -> str:
        return f"<KeyLease {self.alias}>"

    def failed(self, error: UpstreamError) -> None:
        """Note what the vendor answered; the key gets its standing when the lease is left."""
        self.error = error

    async def close(self) -> None:
        """Settle, free, and give the key the standing that its error asks for; once."""
        if self.is_open and self.error is not None:
            await self.pool.note(self.alias, self.error)
            if isinstance(self.error, KeyRejected | Exhausted):
                self.settle(Cost(self.spent.requests))  # asked, but not answered
        await super().close()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, UpstreamError):
            self.failed(error)
        await self.close()


class KeyPool:
    """The keys of one vendor. `limits` are what all keys share, each key has its own."""

    def __init__(
        self,
        vendor: str,
        keys: Sequence[Key],
        *,
        limits: Limits | None = None,
        store: BudgetStore | None = None,
        codec: Codec | None = None,
        queue_limit: int = 1_000,
    ) -> None:
        if len({key.alias for key in keys}) < len(keys) or not all(key.alias for key in keys):
            raise ValueError(f"the keys of {vendor} need different aliases")
        self.vendor = vendor
        self._secrets = {key.alias: key.secret for key in keys}
        self.limiter = Limiter(
            vendor,
            limits or Limits(),
            keys=[_account(vendor, key, codec) for key in keys],
            store=store,
            queue_limit=queue_limit,
        )

    async def lease(
        self,
        cost: Cost = ONE_CALL,
        *,
        deadline: float | None = None,
        priority: Priority = Priority.DEFAULT,
        after: KeyLease | None = None,
    ) -> KeyLease:
        """Wait for a key that can pay the cost; raises what `Limiter.acquire` raises.

        `after` is the lease of the same call that failed: the call has waited already and goes
        ahead of the line.
        """
        if not self._secrets:
            raise KeyRejected(f"{self.vendor} has no key; set one.")
        grant = await self.limiter.grant(
            cost, deadline=deadline, priority=priority, ahead=after is not None
        )
        return KeyLease(
            self.limiter.settle,
            grant,
            cost,
            clock.monotonic(),
            pool=self,
            secret=self._secrets[grant.alias],
        )

    async def quote(self, cost: Cost = ONE_CALL, *, priority: Priority = Priority.DEFAULT) -> float:
        """Seconds until a call that joins the line now would start; infinite: a person acts."""
        return await self.limiter.quote(cost, priority=priority)

    async def note(self, alias: str, error: UpstreamError) -> None:
        """Give a key the standing that a vendor's error asks for; most errors ask for none."""
        if isinstance(error, KeyRejected):
            await self.limiter.mark(Standing.RETIRED, alias=alias)
            log.error("key_retired", vendor=self.vendor, key=alias)
        elif isinstance(error, Exhausted):
            seconds = (error.resets_at - clock.now()).total_seconds()
            await self.limiter.mark(Standing.OUT, seconds, alias=alias)
            log.warning("key_out_of_quota", vendor=self.vendor, key=alias, seconds=seconds)
        elif isinstance(error, Transient) and error.retry_after is not None:
            await self.limiter.mark(Standing.COOLING, error.retry_after, alias=alias)
            log.info("key_cooling", vendor=self.vendor, key=alias, seconds=error.retry_after)

    async def observe(
        self, alias: str, dimension: Dimension, remaining: float, resets_in: float
    ) -> None:
        """Believe a RateLimit header of a key: so much is left, all again in so many seconds."""
        await self.limiter.observe(dimension, remaining, resets_in, alias=alias)

    async def reset(self, alias: str) -> None:
        """Use a key again, as a person says. Raises `NotFound`."""
        if alias not in self._secrets:
            raise NotFound(f"{self.vendor} has no key {alias}; it has {', '.join(self._secrets)}.")
        await self.limiter.mark(Standing.OK, alias=alias)
        log.info("key_reset", vendor=self.vendor, key=alias)

    async def status(self) -> list[KeyStatus]:
        """Every key with its standing and what is left of its limits."""
        document = await self.limiter.store.read(self.limiter.pool)
        states = accounts.states_of(document, self.limiter.pool)[1:]
        return [
            _status(account, state, document.at)
            for account, state in zip(self.limiter.pool.keys, states, strict=True)
        ]


def _account(vendor: str, key: Key, codec: Codec | None) -> Account:
    fingerprint = codec.blind_index(key.secret, f"key of {vendor}").hex() if codec else ""
    return Account(key.alias, key.limits.parts(), fingerprint[:_FINGERPRINT_HEX])


def _status(account: Account, state: AccountState, now: float) -> KeyStatus:
    standing = Standing(state.standing)
    until = None
    if standing in {Standing.COOLING, Standing.OUT}:
        if state.until <= now:
            standing = Standing.OK
        else:
            until = clock.now() + timedelta(seconds=state.until - now)
    rooms = {
        part.name: part.room(numbers, now)
        for part, numbers in zip(account.parts, state.parts, strict=True)
    }
    return KeyStatus(account.alias, standing, until, rooms)
