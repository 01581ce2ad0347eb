"""How the sandbox behaves: as a provider on a good day, or as one of those others."""

import msgspec


class Moods(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Set by ``PUT /moods``. Counts are how many requests are still to be treated so; each such request takes one."""

    latency_ms: int = 0
    """How late every answer is."""
    failing: int = 0
    """Requests that are answered with 503, and nothing is done."""
    losing: int = 0
    """Requests that are done, and the connection ends without an answer."""
    babbling: int = 0
    """Requests that are answered with 200 and a page in HTML, and nothing is done."""
    denying: int = 0
    """Charges that are taken, and answered as declined."""
    forgetting: int = 0
    """Questions for a charge that are answered as if there were none."""
    pending: bool = False
    """Charges are answered as pending, and what became of them is told by webhook."""
    duplicating: int = 1
    """How often each webhook is sent."""
    lying: bool = False
    """Webhooks say the opposite of what is true."""
    silent: bool = False
    """No webhooks are sent."""
