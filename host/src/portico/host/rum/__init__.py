"""Real user monitoring: what pages tell of themselves, written down as structured lines and counted."""

from portico.host.rum.counts import Counts
from portico.host.rum.endpoint import PATH, RumEndpoint

__all__ = ["PATH", "Counts", "RumEndpoint"]
