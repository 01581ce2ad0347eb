"""Live updates: one stream per browser, fed by the hub, that goes on where it was broken off."""

from portico.host.live.endpoint import PATH, LiveEndpoint
from portico.host.live.errors import live_unavailable
from portico.host.live.limits import LiveLimits
from portico.host.live.live import Live

__all__ = ["PATH", "Live", "LiveEndpoint", "LiveLimits", "live_unavailable"]
