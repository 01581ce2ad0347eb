"""What can go wrong while someone signs in. The messages are for the log, not for people (see `pages`)."""

from __future__ import annotations

from portico.host.errors import HostError


class SignInError(HostError):
    """Base of the errors of signing in."""

    code = "sign-in"


class SignInExpired(SignInError):
    """The attempt is unknown in this browser, took too long, or has been used."""

    code = "sign-in-expired"


class SignInRefused(SignInError):
    """The provider says no, or the person did."""

    code = "sign-in-refused"


class GrantRefused(SignInError):
    """The provider gives nothing for these tokens any more (`invalid_grant`): the session they belong to is over."""

    code = "grant-refused"


class SignInUnavailable(SignInError):
    """The host's own store does not answer."""

    code = "sign-in-unavailable"


class ProviderUnreachable(SignInError):
    """The provider does not answer, or not sensibly at all."""

    code = "provider-unreachable"


class ProviderDistrusted(SignInError):
    """The provider's answer does not hold: an id_token, issuer or address that is not what it must be."""

    code = "provider-distrusted"
