"""Every line of the suite. A new table of attacks is added here, and to docs/reference/attacks.md."""

from __future__ import annotations

from e2e.attacks.addresses import SSRF
from e2e.attacks.attack import Attack
from e2e.attacks.audits import AUDITS
from e2e.attacks.bodies import BODIES
from e2e.attacks.cross_site import CROSS_SITE
from e2e.attacks.graphql import GRAPHQL
from e2e.attacks.headers import HEADERS
from e2e.attacks.logout import LOGOUT
from e2e.attacks.my_sessions import MY_SESSIONS
from e2e.attacks.operators import OPERATORS
from e2e.attacks.pages import PAGES
from e2e.attacks.paths import PATHS
from e2e.attacks.receipts import RECEIPTS
from e2e.attacks.redirects import REDIRECTS
from e2e.attacks.sessions import SESSIONS
from e2e.attacks.sign_in import SIGN_IN
from e2e.attacks.smuggling import SMUGGLING
from e2e.attacks.tokens import TOKENS

TABLES: dict[str, tuple[Attack, ...]] = {
    "Sessions": SESSIONS,
    "One's own sessions": MY_SESSIONS,
    "Signing in": SIGN_IN,
    "Logout by the provider": LOGOUT,
    "Open redirects and injected headers": REDIRECTS,
    "Requests from other sites": CROSS_SITE,
    "Pages of other people": PAGES,
    "Paths": PATHS,
    "Smuggled requests": SMUGGLING,
    "Bodies": BODIES,
    "Headers": HEADERS,
    "Tokens": TOKENS,
    "GraphQL": GRAPHQL,
    "The audit": AUDITS,
    "Tools of operators": OPERATORS,
    "Documents": RECEIPTS,
    "Addresses inside the network": SSRF,
}
"""By the heading in the reference."""

ATTACKS = tuple(attack for table in TABLES.values() for attack in table)


def reference(title: str) -> str:
    """One table as Markdown, as docs/reference/attacks.md has it."""
    rows = [f"| {attack.name} | {attack.sent} | {attack.refusal} |" for attack in TABLES[title]]
    return "\n".join([f"## {title}", "", "| attack | what is sent | what comes of it |", "|---|---|---|", *rows])
