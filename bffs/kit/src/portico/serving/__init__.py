"""Serving an ASGI application from this process with Granian: for `portico up` and for a BFF of its own."""

from portico.serving.sandbox import SANDBOXES, MakeSandbox, SandboxProcess
from portico.serving.server import PortUnavailable, check_port, serve

__all__ = ["SANDBOXES", "MakeSandbox", "PortUnavailable", "SandboxProcess", "check_port", "serve"]
