"""`portico up --split`: one process for each part of the platform, restarted when it dies (ADR 0028)."""
