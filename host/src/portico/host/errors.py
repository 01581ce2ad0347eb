"""The host's errors. Each has a stable `code`; what HTTP says of it is decided once, at the edge."""

from __future__ import annotations


class HostError(Exception):
    """Base of everything the host raises on purpose."""

    code = "host-error"


class ConfigurationError(HostError):
    """A setting is missing or wrong; the message says which, and what to set."""

    code = "configuration"


class BackendUnavailable(HostError):
    """A BFF cannot be reached or does not start; nothing has been answered yet."""

    code = "backend-unavailable"


class ClientGone(HostError):
    """The browser went away in the middle of its own request."""

    code = "client-gone"


class HubUnavailable(HostError):
    """The event hub does not start or cannot be reached."""

    code = "hub-unavailable"


class AnswerBrokenOff(HostError):
    """A BFF failed in the middle of its answer; the connection must end so that half of it cannot pass for whole."""

    code = "answer-broken-off"


class EventsRefused(HostError):
    """A service does not say what `portico events` asked for; the message says why."""

    code = "events-refused"


class OperatorRefused(HostError):
    """A BFF did not do what an operator's command asked for; the message has its words."""

    code = "operator-refused"
