"""What can be wrong with keys and tokens, before anybody looks at claims."""

from __future__ import annotations


class KeysError(Exception):
    """Base of the errors of this package."""


class KeysUnavailable(KeysError):
    """The issuer's keys cannot be had just now, so no token can be judged. Its cause says why."""


class KeySetRefused(KeysError):
    """The issuer's key set breaks the policy as a whole (no key set, duplicate `kid`, symmetric or private keys)."""


class TokenMalformed(KeysError):
    """It is not a token of the form that is taken, or its signature is not valid.

    The message is fit for the client: ASCII, and nothing of what was sent.
    """
