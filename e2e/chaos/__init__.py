"""A run in which everything dies once while orders are under way, and what must be true after it."""
