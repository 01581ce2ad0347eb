"""What an operator can set. Read once, at the edge; everything inside takes a `HostConfig`."""

from portico.host.config.addresses import is_loopback, release_origins
from portico.host.config.host import HostConfig
from portico.host.config.limits import GatewayLimits, Rates
from portico.host.config.provider import ProviderConfig
from portico.host.config.start import check_start
from portico.host.config.values import entry_budget, imd_settings

__all__ = [
    "GatewayLimits",
    "HostConfig",
    "ProviderConfig",
    "Rates",
    "check_start",
    "entry_budget",
    "imd_settings",
    "is_loopback",
    "release_origins",
]
