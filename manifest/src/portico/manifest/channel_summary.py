"""A channel in a list of channels."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class ChannelSummary:
    """A channel and its latest revision, without what it holds."""

    channel: str
    number: int
    who: str
    at: datetime
    why: str

    def to_document(self) -> dict[str, Any]:
        """Return it as the API answers it."""
        return {
            "channel": self.channel,
            "revision": self.number,
            "who": self.who,
            "at": self.at.isoformat(timespec="milliseconds"),
            "why": self.why,
        }
