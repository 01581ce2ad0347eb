"""The table of the host's audit, in the database of sessions."""

from __future__ import annotations

from typing import Final

from portico.audit import audit_table
from portico.sql import Migration

TABLE: Final = "host_audit"
MIGRATION: Final = Migration("session/0005-audit", *audit_table(TABLE))
