"""The host, put together: the only place where its parts are opened. Each file opens what belongs to one concern."""

from portico.host.assembly.whole import assemble

__all__ = ["assemble"]
