"""Settings that are told to everybody: whom to write to, and where to change a password."""

from __future__ import annotations

import re
from collections.abc import Mapping

from portico.host.errors import ConfigurationError

# RFC 9116, 2.5.3: a URI; web addresses over https. No white space or control character gets into the file.
_CONTACT = re.compile(r"(?:mailto:[!-~]+@[!-~]+|tel:\+?[0-9-]+|https://[!-~]+)")
_PAGE = re.compile(r"https://[!-~]+")


def contacts(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The URIs for who finds a hole, the preferred one first; raises ConfigurationError."""
    found = tuple(environment.get("PORTICO_SECURITY_CONTACT", "").split())
    for contact in found:
        if not _CONTACT.fullmatch(contact):
            raise ConfigurationError(
                f"PORTICO_SECURITY_CONTACT has {contact!r}; write URIs such as mailto:security@example.com or "
                "https://example.com/report, separated by spaces"
            )
    return found


def account_url(environment: Mapping[str, str]) -> str:
    """The page on which people change their password, or nothing; raises ConfigurationError."""
    url = environment.get("PORTICO_ACCOUNT_URL", "")
    if url and not _PAGE.fullmatch(url):
        raise ConfigurationError(f"PORTICO_ACCOUNT_URL is {url!r}; write an address such as https://id.example/account")
    return url
