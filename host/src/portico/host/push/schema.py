"""The table of subscriptions, beside the sessions, so that signing out takes both in one commit."""

from portico.host.session.reseal import SealedColumn
from portico.sql import Migration

MIGRATIONS = (
    Migration(
        "push/0001-subscriptions",
        """CREATE TABLE push_subscription (
             id TEXT PRIMARY KEY,
             feed TEXT NOT NULL,
             session_id TEXT NOT NULL,
             sealed TEXT NOT NULL,
             seen_at BIGINT NOT NULL
           );
           CREATE INDEX push_subscription_feed ON push_subscription (feed);
           CREATE INDEX push_subscription_session ON push_subscription (session_id);
           CREATE INDEX push_subscription_seen ON push_subscription (seen_at);""",
    ),
)

FORGET_SESSION = "DELETE FROM push_subscription WHERE session_id = $1"
"""What else goes when a session is ended."""

SEALED = (SealedColumn("push_subscription", "id", "sealed", context="push:"),)
"""What in it is sealed, with the keys of sessions."""
