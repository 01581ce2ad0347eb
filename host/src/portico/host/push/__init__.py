"""Web Push: a person's notices on a browser that is closed, by their choice."""

from portico.host.push.hosts import PushHosts
from portico.host.push.push import Push
from portico.host.push.schema import FORGET_SESSION, MIGRATIONS

__all__ = ["FORGET_SESSION", "MIGRATIONS", "Push", "PushHosts"]
