"""Assembly of the notifications service."""

import contextlib
from collections.abc import AsyncIterator, Mapping

from starlette.applications import Starlette

from notifications_bff.routes import routes
from notifications_bff.work import Work
from portico.bff import EntityStore, Hub, Part, Parts, SettingsError, create_bff
from portico.bff.agenda import MIGRATIONS, Agenda
from portico.bff.external import WebhookSender
from portico.bff.keys import KeySource

_FLAGS = {"": False, "0": False, "1": True}


def create_app(settings: Mapping[str, str], *, keys: KeySource | None = None, hub: Hub | None = None) -> Starlette:
    """Make the service from its settings (``portico.bff.BffSettings``), and NOTIFICATIONS_PRIVATE_TARGETS: 1 lets
    endpoints be anywhere, also in private networks and without TLS, for development.

    Raises ``SettingsError``. Tests bring their own ``keys`` and ``hub``.
    """
    private = settings.get("NOTIFICATIONS_PRIVATE_TARGETS", "").strip()
    if private not in _FLAGS:
        raise SettingsError(f"NOTIFICATIONS_PRIVATE_TARGETS is {private!r}; it must be 1 or 0")
    agenda = Agenda()
    work = Work(agenda)
    return create_bff(
        settings,
        routes=routes(work),
        parts=[sender_part(private=_FLAGS[private]), agenda],
        listener=work.listener,
        migrations=MIGRATIONS,
        keys=keys,
        hub=hub,
        title="Notifications",
    )


def sender_part(*, private: bool) -> Part:
    """What sends, as a part of the application."""

    @contextlib.asynccontextmanager
    async def sender(parts: Parts) -> AsyncIterator[WebhookSender]:
        sender = WebhookSender(private=private, clock=parts.get(EntityStore).now)
        try:
            yield sender
        finally:
            await sender.close()

    return sender
