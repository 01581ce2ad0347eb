"""The gateway: `/api/<app>/...` goes to that app's BFF, with the person's token and without their cookies."""

from portico.host.gateway.backend import Backend
from portico.host.gateway.breakers import Breakers
from portico.host.gateway.gateway import Gateway
from portico.host.gateway.mounted import MountedBackends
from portico.host.gateway.open_calls import OpenCalls
from portico.host.gateway.rate import Rate
from portico.host.gateway.remote import RemoteBackend

__all__ = ["Backend", "Breakers", "Gateway", "MountedBackends", "OpenCalls", "Rate", "RemoteBackend"]
