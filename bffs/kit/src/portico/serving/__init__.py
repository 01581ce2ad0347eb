"""Serving an ASGI application from this process with Granian: for `portico up` and for a BFF of its own."""

from portico.serving.server import PortUnavailable, check_port, serve

__all__ = ["PortUnavailable", "check_port", "serve"]
