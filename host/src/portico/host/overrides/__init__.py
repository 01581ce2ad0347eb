"""A developer's own versions of apps, for the pages of one session alone."""

from portico.host.overrides.cookie import OverrideCookie
from portico.host.overrides.endpoint import OverrideEndpoint
from portico.host.overrides.hand_over import HandOver
from portico.host.overrides.override import Override, Overrides
from portico.host.overrides.rules import OverrideRules, rules_of
from portico.host.overrides.setting import Setting

__all__ = [
    "HandOver",
    "Override",
    "OverrideCookie",
    "OverrideEndpoint",
    "OverrideRules",
    "Overrides",
    "Setting",
    "rules_of",
]
