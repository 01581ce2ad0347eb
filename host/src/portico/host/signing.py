"""The host's own signing keys and what its tokens say of a person: see `portico.host.tokens`."""

from portico.host.tokens.keys import ALGORITHM, HostKeys
from portico.host.tokens.source import Identity

__all__ = ["ALGORITHM", "HostKeys", "Identity"]
