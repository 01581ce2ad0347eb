"""A developer's own versions of apps, for the pages of one session alone."""

from portico.host.overrides.cookie import OverrideCookie
from portico.host.overrides.endpoint import OverrideEndpoint
from portico.host.overrides.override import Override, Overrides
from portico.host.overrides.rules import OverrideRules, rules_of

__all__ = [
    "Override",
    "OverrideCookie",
    "OverrideEndpoint",
    "OverrideRules",
    "Overrides",
    "rules_of",
]
