"""What nats-py raises, as what the hub's port promises."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Final

import nats.errors
from nats.js.errors import Error as JetStreamError

from portico.bff.errors import HubUnavailable
from portico.cancellation import ends_this_task

NATS_ERRORS: Final = (nats.errors.Error, JetStreamError, OSError, TimeoutError)
"""What an outage, or a server that refuses, may raise."""


@contextlib.contextmanager
def as_hub_unavailable(what: str) -> Iterator[None]:
    """Raise ``HubUnavailable`` instead, saying ``what`` was not done.

    nats-py cancels its own futures when a connection is lost; a task must not take that for its end.
    """
    try:
        yield
    except asyncio.CancelledError:
        if ends_this_task():
            raise
        raise HubUnavailable("the connection was lost in the middle of a request") from None
    except NATS_ERRORS as error:
        raise HubUnavailable(f"{what}: {type(error).__name__} {error}".strip()) from error
