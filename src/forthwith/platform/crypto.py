"""The one codec for personal values: AES-256-GCM with key ids, bound to their place.

A sealed value is `version (1) | key id (4) | nonce (12) | ciphertext and tag`. The place
(`table|column|row`) is authenticated with it, so that a value copied to another row,
column or table does not open. Several keys may open; the first one seals, which is what
makes rotation possible. Blind indexes (keyed hashes) allow exact look-ups without opening;
their key outlives rotations (docs/adr/004).

Sources: NIST SP 800-38D for the 96-bit random nonce (below 2**32 values per key), RFC 5869
for the derivation of the index key.
"""

import hmac
import io
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar, overload

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

T = TypeVar("T")

KEY_BYTES: Final = 32
_VERSION: Final = b"\x01"
_KEY_ID_BYTES: Final = 4
_NONCE_BYTES: Final = 12
MARK_BYTES: Final = len(_VERSION) + _KEY_ID_BYTES
"""How many bytes at the beginning of a sealed value tell the key that sealed it."""
_HEADER_BYTES: Final = len(_VERSION) + _KEY_ID_BYTES + _NONCE_BYTES


class SealBroken(Exception):
    """A sealed value does not open: wrong key, wrong place, or changed bytes."""


def place(table: str, column: str, row: object) -> bytes:
    """The place of a value, as it is authenticated: `table|column|row`."""
    return f"{table}|{column}|{row}".encode()


@dataclass(frozen=True, slots=True)
class Sealed:
    """How a sealed column is bound: the table as its place names it, and the row's columns."""

    row: tuple[str, ...]
    table: str | None = None


def sealed(*row: str, table: str | None = None) -> dict[str, Any]:
    """What a model tells of a column that goes through the codec: `mapped_column(info=...)`.

    `row` are the columns that make up the row in its place, joined by `|`; `table` is what
    the place calls the table where that is not its own name. Rotation finds columns by it.
    """
    return {"sealed": Sealed(row, table)}


def unsealed() -> dict[str, Any]:
    """What a model tells of a column of bytes that is a hash, or holds nothing personal."""
    return {"sealed": None}


class _Key:
    """One AES key with the id that marks what it sealed, and the index key made from it."""

    def __init__(self, material: bytes) -> None:
        if len(material) != KEY_BYTES:
            raise ValueError(f"an encryption key has {KEY_BYTES} bytes, not {len(material)}")
        self.cipher = AESGCM(material)
        self.id = _derive(material, b"forthwith key id", _KEY_ID_BYTES)
        self.index_key = _derive(material, b"forthwith blind index", KEY_BYTES)


def _derive(material: bytes, purpose: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=None, info=purpose).derive(material)


class Codec:
    """Seals and opens values; built from one or more 32-byte keys, the sealing one first."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys:
            raise ValueError("the codec needs at least one key")
        ring = [_Key(material) for material in keys]
        self._current = ring[0]
        self._by_id = {key.id: key for key in ring}
        self._index_key = ring[-1].index_key

    def seal_bytes(self, value: bytes, at: bytes) -> bytes:
        """Seal `value` for the place `at`; 33 bytes longer than the value."""
        return b"".join(self._seal(value, at, os.urandom(_NONCE_BYTES)))

    def seal_parts(self, values: Sequence[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """Seal values, each for its place: header and body of each, to be joined by who writes.

        Their nonces are drawn at once: a thread waits for its turn after each system call.
        """
        nonces = io.BytesIO(os.urandom(_NONCE_BYTES * len(values)))
        return [self._seal(value, at, nonces.read(_NONCE_BYTES)) for value, at in values]

    def _seal(self, value: bytes, at: bytes, nonce: bytes) -> tuple[bytes, bytes]:
        header = b"".join((_VERSION, self._current.id, nonce))
        return header, self._current.cipher.encrypt(nonce, value, at)

    def open_bytes(self, sealed: bytes, at: bytes) -> bytes:
        """Open what `seal_bytes` made for the same place. Raises `SealBroken`."""
        key = self._by_id.get(sealed[1 : 1 + _KEY_ID_BYTES])
        if sealed[:1] != _VERSION or key is None or len(sealed) < _HEADER_BYTES:
            raise SealBroken("sealed with a key or version that this process does not have")
        nonce = sealed[1 + _KEY_ID_BYTES : _HEADER_BYTES]
        try:
            return key.cipher.decrypt(nonce, sealed[_HEADER_BYTES:], at)
        except InvalidTag:
            raise SealBroken("the value was changed, or belongs to another place") from None

    def seal(self, value: Any, at: bytes) -> bytes:
        """Seal anything msgspec can write as JSON."""
        return self.seal_bytes(msgspec.json.encode(value), at)

    @overload
    def open(self, sealed: bytes, at: bytes) -> Any: ...
    @overload
    def open(self, sealed: bytes, at: bytes, into: type[T]) -> T: ...
    def open(self, sealed: bytes, at: bytes, into: Any = Any) -> Any:
        """Open what `seal` made, decoded as the type `into`."""
        return msgspec.json.decode(self.open_bytes(sealed, at), type=into)

    def blind_index(self, value: str, purpose: str) -> bytes:
        """A keyed 32-byte hash for exact look-ups; equal only for the same purpose and value.

        The same after a rotation, once this deployment's index key was handed in.
        """
        return hmac.digest(self._index_key, f"{purpose}|{value}".encode(), "sha256")

    @property
    def index_key(self) -> bytes:
        """The key of the blind indexes: the oldest key's own until another is handed in."""
        return self._index_key

    @index_key.setter
    def index_key(self, key: bytes) -> None:
        self._index_key = key

    @property
    def key_id(self) -> str:
        """Hex id of the sealing key; safe to print."""
        return self._current.id.hex()

    @property
    def marks(self) -> tuple[bytes, ...]:
        """How everything begins that a key sealed, for each key, the sealing one's first."""
        return tuple(_VERSION + key for key in self._by_id)

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Hex ids of all keys that open, the sealing one first."""
        return tuple(each.hex() for each in self._by_id)


def key_id_of(sealed_value: bytes) -> str:
    """Hex id of the key that sealed a value."""
    return sealed_value[len(_VERSION) : MARK_BYTES].hex()


def parse_keys(text: str) -> list[bytes]:
    """Keys from a setting: 64 hex digits each, comma-separated, the sealing one first.

    Raises ValueError with a sentence that names no key.
    """
    try:
        keys = [bytes.fromhex(part.strip()) for part in text.split(",")]
    except ValueError:
        raise ValueError("ENCRYPTION_KEY must be 64 hex digits (openssl rand -hex 32)") from None
    if any(len(key) != KEY_BYTES for key in keys):
        raise ValueError("ENCRYPTION_KEY must be 64 hex digits (openssl rand -hex 32)")
    return keys


def load_or_make_keys(path: Path) -> list[bytes]:
    """Read the key file, or make it once with mode 0600; safe when several processes start.

    It holds what ENCRYPTION_KEY would: one key, or several while they are rotated.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft(path, [new_key()])
    try:
        path.hardlink_to(draft)  # atomic: the first process wins, the file is never half written
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return parse_keys(path.read_text())


def new_key() -> bytes:
    """A key that nobody had before."""
    return secrets.token_bytes(KEY_BYTES)


def add_key(path: Path) -> None:
    """Put a new key in front of those in the key file; the file is never half written."""
    _draft(path, [new_key(), *load_or_make_keys(path)]).replace(path)


def _draft(path: Path, keys: Sequence[bytes]) -> Path:
    """A file beside `path` that holds the keys and is on the disk."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(",".join(key.hex() for key in keys))
        stream.flush()
        os.fsync(stream.fileno())
    return draft
