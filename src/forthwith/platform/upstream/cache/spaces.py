"""One kind of value inside one cache: its keys, its decoder, its seal, its tally."""

from typing import Any, Final
from uuid import UUID

import msgspec

from forthwith.platform import context, crypto
from forthwith.platform.crypto import Codec
from forthwith.platform.upstream.cache.memory import Memory
from forthwith.platform.upstream.cache.policy import AnyPolicy
from forthwith.platform.upstream.cache.tallies import tally_of, unreadable
from forthwith.platform.upstream.cache.tiers import Record
from forthwith.platform.upstream.cache.values import Entry, Envelope, encode, read_envelope

LONGEST_KEY: Final = 200  # characters


class Space:
    """What the cache knows about one namespace."""

    def __init__(
        self,
        policy: AnyPolicy,
        memory: Memory,
        codec: Codec | None,
        *,
        local_seconds: float,
        ttl_seconds: float,
    ) -> None:
        self.declared = policy
        self.policy = policy.with_ttl(ttl_seconds)
        self.tally = tally_of(policy.namespace)
        self.is_personal = policy.personal
        self.is_shareable = codec is not None or not policy.personal
        self.local_seconds = local_seconds
        self.generation = 0
        self.prefix = f"0/{policy.namespace}:"
        self.shelf = memory.shelf(self.prefix)
        self._memory = memory
        self._codec = codec if policy.personal else None
        self._decode = msgspec.msgpack.Decoder(policy.into).decode

    def renew(self) -> None:
        """Leave every copy in memory behind, also those on their way."""
        self._memory.drop_shelf(self.prefix)
        self.generation += 1
        self.prefix = f"{self.generation}/{self.policy.namespace}:"
        self.shelf = self._memory.shelf(self.prefix)

    def local_key(self, key: str, owner: UUID | None) -> str:
        """The key without namespace, as all tiers use it; an owner's keys tell nothing."""
        if not self.is_personal:
            return key
        owner = owner or _present_owner()
        if self._codec is None:
            return f"{owner}|{key}"
        return self._codec.blind_index(f"{owner}|{key}", self.policy.namespace).hex()

    def tags(self, tags: tuple[str, ...], owner: UUID | None) -> tuple[str, ...]:
        """The tags of a value, an owner's own among them."""
        return (*tags, owner_tag(owner or _present_owner())) if self.is_personal else tags

    def shared_key(self, local_key: str) -> str:
        """The key in shared tiers. Raises ValueError for one that is too long."""
        if len(local_key) > LONGEST_KEY:
            raise ValueError(f"a cache key has at most {LONGEST_KEY} characters; hash longer ones")
        return f"{self.policy.namespace}:{local_key}"

    def full(self, shared_key: str) -> str:
        """The key in memory of a key in shared tiers."""
        return self.prefix + shared_key.partition(":")[2]

    def decode(self, body: bytes) -> Any:
        """A value as callers get it. None is an answer of every kind."""
        return None if body == _NOTHING else self._decode(body)

    def opened(self, entry: Entry) -> Any:
        """The value of an entry, decoded anew where it could be changed."""
        return entry.value if entry.body is None else self.decode(entry.body)

    def entry(self, envelope: Envelope, read_at: int) -> tuple[Entry, Any]:
        """An envelope as memory keeps it, and its value for one caller.

        Raises msgspec.DecodeError for another form.
        """
        value = self.decode(envelope.body)
        entry = Entry(envelope, self.policy, value, local=self.local_seconds, read_at=read_at)
        return entry, value

    def record(self, shared_key: str, envelope: Envelope) -> Record:
        """An envelope as shared tiers keep it, sealed for its place if it is personal."""
        blob = encode(envelope)
        if self._codec is not None:
            blob = self._codec.seal_bytes(blob, _place(shared_key))
        return Record(shared_key, envelope.tags, blob, envelope.seconds_left)

    def envelope(self, shared_key: str, blob: bytes) -> Envelope | None:
        """What a shared tier had, or None when it cannot be read here."""
        try:
            if self._codec is not None:
                blob = self._codec.open_bytes(blob, _place(shared_key))
            return read_envelope(blob)
        except (crypto.SealBroken, msgspec.DecodeError):
            unreadable.labels(self.policy.namespace).inc()
            return None


_NOTHING: Final = encode(None)


def owner_tag(owner: UUID) -> str:
    """The tag of everything that is kept for an owner."""
    return f"owner={owner}"


def _place(shared_key: str) -> bytes:
    return crypto.place("platform.cache", "blob", shared_key)


def _present_owner() -> UUID:
    """Whose run or request this is; one person's program has no owner but its user."""
    run, principal = context.run.get(), context.principal.get()
    if run is not None:
        return run.owner
    return principal.owner if principal is not None else UUID(int=0)
