"""Webhooks that other systems send us: verified, taken once, answered fast."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import msgspec

from portico.bff.authorizer import public
from portico.bff.call import Call
from portico.bff.external.signature import SignatureRefused, check_webhook_secret, verify
from portico.bff.rest import Operation, post
from portico.bff.store import EntityStore
from portico.bff.unit_of_work import UnitOfWork
from portico.problem import Problem
from portico.sql import Statement, UniqueViolation

T = TypeVar("T", bound=msgspec.Struct)


class WebhookMessage(msgspec.Struct, frozen=True):
    """A message whose signature is good. That it is true is another question: ask the one who knows."""

    id: str
    body: bytes

    def entity(self, struct: type[T]) -> T:
        """Read its JSON; one that is none is answered with 422."""
        try:
            return msgspec.json.decode(self.body, type=struct)
        except (msgspec.DecodeError, RecursionError) as error:
            raise Problem("invalid-request", status=422, title="Not understood", detail=str(error)) from error


Take = Callable[[WebhookMessage, UnitOfWork], Awaitable[None]]
"""What a message does: through the unit of work alone, which the kit commits. Slow work belongs on the agenda."""


def webhook(path: str, take: Take, *, secrets: Sequence[str]) -> Operation:
    """A route for messages signed by Standard Webhooks; 204 says that it is kept, also where it was before.

    The answer is 401 for a message that is not signed with one of the ``secrets`` or not from the last five minutes.
    Its id goes into the inbox with what it does, in one commit, so a repetition does nothing. Raises ``SettingsError``
    for a secret that is none.
    """
    for secret in secrets:
        check_webhook_secret(secret)

    async def receive_webhook(call: Call) -> None:
        """Take a signed message."""
        body = await call.request.body()
        store = call.get(EntityStore)
        try:
            message = WebhookMessage(verify(secrets, call.request.headers, body, store.now()), body)
        except SignatureRefused as error:
            raise Problem(error.code, status=401, title="Not accepted", detail=str(error)) from error
        async with store.system_unit_of_work(f"webhook {path}") as uow:
            uow.include(_first_of(message, path, store.now()))
            await take(message, uow)
            try:
                await uow.commit()
            except UniqueViolation as error:
                if error.table != "inbox":
                    raise

    return post(path, receive_webhook, access=public(), status=204)


def _first_of(message: WebhookMessage, path: str, now: int) -> Statement:
    return Statement(
        "INSERT INTO inbox (event_id, rule, handled_at) VALUES ($1, $2, $3)", (message.id, f"webhook {path}", now)
    )
