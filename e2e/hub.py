"""Reads the event hub as another service would."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import nats
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from e2e.stack import Stack

T = TypeVar("T")

PATIENCE_S = 10.0
QUIET_S = 0.5


def events(
    stack: Stack, type_: str, *, expected: int, of: Callable[[dict[str, Any]], bool] = lambda _event: True
) -> list[dict[str, Any]]:
    """Every event of a type in the hub, in its order, once there are `expected` of them; and any that follow soon.

    Each is its CloudEvents envelope, with the header's id under `Nats-Msg-Id`. `of` says which of them are meant: on a
    platform that tests share there are others.
    """
    return apart(_read(stack.nats_url, f"evt.*.*.{type_}.*", expected, of))


def apart(work: Coroutine[Any, Any, T]) -> T:
    """What `work` comes to, in a thread of its own: a test's thread may already run the browser's event loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


async def _subscribe(connection: Client, subject: str) -> JetStreamContext.PushSubscription:
    """Subscribe as soon as there is a stream: the first service that publishes makes it."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                return await connection.jetstream().subscribe(subject, ordered_consumer=True)
            except NotFoundError:
                await asyncio.sleep(0.05)


async def _read(url: str, subject: str, expected: int, of: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
    connection = await nats.connect(url)
    try:
        subscription = await _subscribe(connection, subject)
        found: list[dict[str, Any]] = []
        while True:
            try:
                message = await subscription.next_msg(timeout=PATIENCE_S if len(found) < expected else QUIET_S)
            except nats.errors.TimeoutError:
                return found
            event = {**json.loads(message.data), "Nats-Msg-Id": (message.headers or {}).get("Nats-Msg-Id")}
            if of(event):
                found.append(event)
    finally:
        await connection.close()
