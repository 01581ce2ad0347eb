"""The audit: who did what to which entity, when, and whether they were allowed. Kept by every service, and the host.

A leaf package: it knows rows and pages of them. What is worth a row is for those who write it.
"""

from portico.audit.entry import Entry, EntryPage, Outcome, Wanted
from portico.audit.schema import audit_table, protection, widened
from portico.audit.sparing import EVERY_S, Sparing
from portico.audit.trail import KEPT_AT_LEAST_MS, Trail

__all__ = [
    "EVERY_S",
    "KEPT_AT_LEAST_MS",
    "Entry",
    "EntryPage",
    "Outcome",
    "Sparing",
    "Trail",
    "Wanted",
    "audit_table",
    "protection",
    "widened",
]
