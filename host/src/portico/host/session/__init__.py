"""Sign-in by any OpenID provider, and sessions that live on the server alone."""

from portico.host.session.cookies import RawHeaders, cookie_values
from portico.host.session.person import Person, TokenSet
from portico.host.session.schema import MIGRATIONS
from portico.host.session.sealing import Seal
from portico.host.session.session import Session
from portico.host.session.sessions import Sessions
from portico.host.session.settings import CALLBACK_PATH, SIGN_IN_PATH, SIGN_OUT_PATH, SessionSettings
from portico.host.session.sign_in import SignIn, create_sign_in

__all__ = [
    "CALLBACK_PATH",
    "MIGRATIONS",
    "SIGN_IN_PATH",
    "SIGN_OUT_PATH",
    "Person",
    "RawHeaders",
    "Seal",
    "Session",
    "SessionSettings",
    "Sessions",
    "SignIn",
    "TokenSet",
    "cookie_values",
    "create_sign_in",
]
