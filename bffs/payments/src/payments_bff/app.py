"""Assembly of the payments service."""

import contextlib
from collections.abc import AsyncIterator, Mapping

from starlette.applications import Starlette

from payments_bff.demo import demo_provider
from payments_bff.provider import Provider
from payments_bff.settings import PaymentsSettings
from payments_bff.work import Work
from portico.bff import Hub, Part, Parts, create_bff
from portico.bff.agenda import MIGRATIONS, Agenda
from portico.bff.external import ExternalService, webhook
from portico.bff.keys import KeySource
from portico.bff.metrics import Meters


def create_app(settings: Mapping[str, str], *, keys: KeySource | None = None, hub: Hub | None = None) -> Starlette:
    """Make the service from its settings (``portico.bff.BffSettings`` and ``PaymentsSettings``).

    Without a provider but with demo data it starts the sandbox and uses that. Raises ``SettingsError``. Tests bring
    their own ``keys`` and ``hub``.
    """
    ours, agenda = PaymentsSettings.from_mapping(settings), Agenda()
    work = Work(agenda)
    routes = [webhook("/webhooks/provider", work.hear, secrets=ours.webhook_secrets)] if ours.webhook_secrets else []
    return create_bff(
        settings,
        routes=routes,
        parts=[provider_part(ours) if ours.url else demo_provider, agenda],
        listener=work.listener,
        migrations=MIGRATIONS,
        keys=keys,
        hub=hub,
        title="Payments",
    )


def provider_part(settings: PaymentsSettings) -> Part:
    """The provider that the settings name, as a part of the application."""

    @contextlib.asynccontextmanager
    async def provider(parts: Parts) -> AsyncIterator[Provider]:
        service = ExternalService("the payment provider", settings.url, secret=settings.api_key)
        parts.get(Meters).circuit(service.name, lambda: service.breaker.state)
        try:
            yield Provider(service)
        finally:
            await service.close()

    return provider
