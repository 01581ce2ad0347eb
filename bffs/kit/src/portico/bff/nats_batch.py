"""Atomic batches of JetStream: many messages stored together, in order, with one write to the disk (ADR-50 of NATS)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import msgspec
from nats.aio.client import Client

if TYPE_CHECKING:
    from portico.bff.hub import Message

MOST: Final = 512
"""Messages in one batch; the server takes 1,000."""

_LARGEST: Final = 4_000_000  # bytes of bodies in one batch: the server holds them in memory until the last is there


class _Answer(msgspec.Struct):
    """What the server says once it has the last message: how many it stored as one batch, or why none."""

    count: int = 0
    error: dict[str, Any] | None = None


def portions(messages: Sequence[Message]) -> Iterator[Sequence[Message]]:
    """Cut what is to be published, in order, into batches that the server takes."""
    portion: list[Message] = []
    size = 0
    for message in messages:
        size += len(message.body)
        if portion and (len(portion) == MOST or size > _LARGEST):
            yield portion
            portion, size = [], len(message.body)
        portion.append(message)
    if portion:
        yield portion


async def publish_batch(
    client: Client, messages: Sequence[Message], headers: Mapping[str, str], *, patience: float
) -> bool:
    """Have the messages stored together; False when the server stored none of them as a batch.

    It refuses one that holds an id it has seen lately, and knows nothing of batches before version 2.12 or where the
    stream does not allow them; then some may be stored singly. ``patience`` is in seconds. Raises what nats-py raises;
    then all of them or none are stored.
    """
    batch = uuid4().hex

    def told(message: Message, place: int) -> dict[str, str]:
        own = {"Nats-Msg-Id": message.id, "Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(place)}
        return {**headers, **message.headers, **own}

    *firsts, last = messages
    for place, message in enumerate(firsts, start=1):
        await client.publish(message.subject, message.body.encode(), headers=told(message, place))
    commit = {**told(last, len(messages)), "Nats-Batch-Commit": "1"}
    answer = await client.request(last.subject, last.body.encode(), timeout=patience, headers=commit)
    said = msgspec.json.decode(answer.data, type=_Answer)
    return said.error is None and said.count == len(messages)
