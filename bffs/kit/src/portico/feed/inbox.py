"""Where the answers of the hub come to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

_USER = re.compile(r"[A-Za-z0-9_-]+")


def inbox_of(servers: Sequence[str]) -> str:
    """The prefix of the inboxes of the user in the servers' URLs (``nats://user:password@host``); of any other, NATS's.

    What a client reads comes to its inboxes. Below a prefix of one's own, the hub can keep others from listening in.
    """
    users = {urlsplit(server).username or "" for server in servers if urlsplit(server).password is not None}
    user = users.pop() if len(users) == 1 else ""
    return f"_INBOX.{user}" if _USER.fullmatch(user) else "_INBOX"
