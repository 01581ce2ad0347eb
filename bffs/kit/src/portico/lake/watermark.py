"""How far the lake is, told on the hub: services may drop what they keep of events that are in it. Light to import."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Final

import msgspec
import nats.errors
from nats.js import JetStreamContext
from nats.js.errors import BucketNotFoundError, KeyNotFoundError
from nats.js.errors import Error as JetStreamError

from portico.lake.errors import LakeUnavailable

BUCKET: Final = "portico-lake"
_KEY: Final = "watermark"


class Watermark(msgspec.Struct, frozen=True):
    """Every message of ``stream`` (name and birth) up to ``sequence``, inclusive, is in the lake for good."""

    stream: str
    sequence: int


async def tell(js: JetStreamContext, watermark: Watermark) -> None:
    """Tell it; the newest replaces the others. Raises ``LakeUnavailable``."""
    with _meaning():
        try:
            bucket = await js.key_value(BUCKET)
        except BucketNotFoundError:
            bucket = await js.create_key_value(bucket=BUCKET)
        await bucket.put(_KEY, msgspec.json.encode(watermark))


async def told(js: JetStreamContext) -> Watermark | None:
    """Read it; None while no lake has told any. Raises ``LakeUnavailable``."""
    with _meaning():
        try:
            entry = await (await js.key_value(BUCKET)).get(_KEY)
        except (BucketNotFoundError, KeyNotFoundError):
            return None
        return msgspec.json.decode(entry.value or b"", type=Watermark)


@contextlib.contextmanager
def _meaning() -> Iterator[None]:
    try:
        yield
    except (nats.errors.Error, JetStreamError, OSError, TimeoutError) as error:
        raise LakeUnavailable(f"the hub does not answer: {type(error).__name__} {error}".strip()) from error
    except msgspec.DecodeError as error:
        raise LakeUnavailable(f"the lake's watermark cannot be read: {error}") from error
