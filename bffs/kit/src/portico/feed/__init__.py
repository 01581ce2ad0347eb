"""What services tell people and tenants: one subject of the hub per feed, read by the host for the live stream.

A leaf package: both who writes feeds and who reads them import it, and it imports nothing of ours.
"""

from portico.feed.inbox import inbox_of
from portico.feed.message import FeedMessage
from portico.feed.stream import STREAM, SUBJECTS, ensure_stream
from portico.feed.subjects import person_subject, tenant_subject

__all__ = ["STREAM", "SUBJECTS", "FeedMessage", "ensure_stream", "inbox_of", "person_subject", "tenant_subject"]
