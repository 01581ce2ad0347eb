"""import-map-deployer's API on top of channels: its clients keep working, and nothing of theirs is lost."""

from portico.manifest.imd.errors import InvalidImdSettings
from portico.manifest.imd.link_check import FetchLimits, HttpLinkCheck, LinkCheck
from portico.manifest.imd.routes import PREFIX, imd_routes
from portico.manifest.imd.settings import ImdSettings

__all__ = [
    "PREFIX",
    "FetchLimits",
    "HttpLinkCheck",
    "ImdSettings",
    "InvalidImdSettings",
    "LinkCheck",
    "imd_routes",
]
