"""Assembly of the ratings BFF."""

from collections.abc import Mapping

from starlette.applications import Starlette

from portico.bff import Hub, create_bff
from portico.bff.agenda import MIGRATIONS as AGENDA
from portico.bff.keys import KeySource
from ratings_bff.counting import create_agenda
from ratings_bff.demo_data import demo_data
from ratings_bff.model import MIGRATIONS
from ratings_bff.orders import listener
from ratings_bff.routes import routes


def create_app(settings: Mapping[str, str], *, keys: KeySource | None = None, hub: Hub | None = None) -> Starlette:
    """Make the BFF from its settings (``portico.bff.BffSettings``); tests bring their own ``keys`` and ``hub``."""
    agenda = create_agenda()
    return create_bff(
        settings,
        routes=routes(agenda),
        parts=[demo_data, agenda],
        listener=listener,
        migrations=[*AGENDA, *MIGRATIONS],
        keys=keys,
        hub=hub,
        title="Ratings",
    )
