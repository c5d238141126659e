"""Whether a webhook comes from LINE: `x-line-signature`, of the body as it came."""

import base64
import hashlib
import hmac


def sign(secret: str, body: bytes) -> str:
    """The signature of a body: base64 of its HMAC-SHA256 with the channel secret.

    https://developers.line.biz/en/docs/messaging-api/verify-webhook-signature/
    """
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def verify(secret: str, body: bytes, header: str | None) -> bool:
    """Whether the header is the signature of exactly these bytes; any text may stand in it.

    False without a secret: an empty one would let everybody sign.
    """
    if not secret or header is None:
        return False
    given = header.encode("utf-8", "surrogatepass")
    return hmac.compare_digest(sign(secret, body).encode(), given)
