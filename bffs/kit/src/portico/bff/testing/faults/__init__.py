"""A network that fails as told: a proxy between a browser and a platform, with faults by method and path."""

from portico.bff.testing.faults.journal import Exchange, Journal
from portico.bff.testing.faults.proxy import FaultProxy
from portico.bff.testing.faults.rules import Rule

__all__ = ["Exchange", "FaultProxy", "Journal", "Rule"]
