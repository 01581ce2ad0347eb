"""Signed webhooks by the Standard Webhooks specification 1.0: headers with an id, a time and a signature."""

from __future__ import annotations

import base64
import hmac
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from standardwebhooks.webhooks import Webhook

from portico.bff.errors import BffError, SettingsError

WINDOW_S: Final = 300
"""How far a message's time may be from ours, in seconds: older ones could be repetitions by somebody else."""

_SHORTEST: Final = 24  # bytes of a secret
_LONGEST: Final = 64


class SignatureRefused(BffError):
    """A message that is not from whom it should be, or not from now. Answer 401."""

    code = "signature-refused"


def new_webhook_secret() -> str:
    """A new secret: `whsec_` and 32 random bytes in base64."""
    return f"whsec_{base64.b64encode(os.urandom(32)).decode()}"


def check_webhook_secret(secret: str) -> None:
    """Raise ``SettingsError`` for what is no secret by the specification: 24 to 64 bytes in base64, after `whsec_`.

    What decoders forgive could leave a key of few bytes or none, and with it anybody's signature would be good.
    """
    text = secret.removeprefix("whsec_")
    try:
        length = len(base64.b64decode(text + "=" * (-len(text) % 4), validate=True))
    except ValueError:
        length = 0
    if not _SHORTEST <= length <= _LONGEST:
        raise SettingsError(
            f"a webhook secret is whsec_ and {_SHORTEST} to {_LONGEST} bytes in base64; this one is not"
        )


def sign(secret: str, message_id: str, now_ms: int, body: bytes) -> dict[str, str]:
    """The three headers of a message that is sent now."""
    seconds = now_ms // 1000
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": _signature(secret, message_id, seconds, body),
    }


def verify(secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now_ms: int) -> str:
    """The id of a message that was signed with one of the ``secrets`` (several while one is replaced).

    ``headers`` are looked up in lower case. Raises ``SignatureRefused``.
    """
    message_id, sent = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    given = [part.removeprefix("v1,") for part in headers.get("webhook-signature", "").split() if part[:3] == "v1,"]
    if not (message_id and given and len(message_id) <= 200 and sent.isascii() and sent.isdecimal() and len(sent) < 12):
        raise SignatureRefused("The headers webhook-id, webhook-timestamp and webhook-signature are needed.")
    if abs(now_ms // 1000 - int(sent)) > WINDOW_S:
        raise SignatureRefused(f"The message is not from the last {WINDOW_S} seconds.")
    try:
        wanted = [_signature(secret, message_id, int(sent), body).removeprefix("v1,") for secret in secrets]
    except UnicodeDecodeError:
        raise SignatureRefused("The message is not text in UTF-8.") from None
    # Every pair is compared, whatever matched before: the time taken says nothing.
    same = [hmac.compare_digest(one.encode(), other.encode()) for one in wanted for other in given]
    if not any(same):
        raise SignatureRefused("The signature is not that of this message.")
    return message_id


def _signature(secret: str, message_id: str, seconds: int, body: bytes) -> str:
    return Webhook(secret).sign(message_id, datetime.fromtimestamp(seconds, UTC), body.decode())
