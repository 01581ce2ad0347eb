"""Where a person is signed in: a page for people and the same for programs."""

from portico.host.my_sessions.endpoint import PATH, MySessionsEndpoint

__all__ = ["PATH", "MySessionsEndpoint"]
