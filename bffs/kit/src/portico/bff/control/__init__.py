"""Control services: what several events mean together, and what follows when one does not come."""

from portico.bff.control.case import Case
from portico.bff.control.control import Control
from portico.bff.control.decision import DecisionTable, NoRuleApplies
from portico.bff.control.policies import Hit

__all__ = ["Case", "Control", "DecisionTable", "Hit", "NoRuleApplies"]
