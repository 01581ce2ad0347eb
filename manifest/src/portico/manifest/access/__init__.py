"""Who may deploy: deploy tokens, the tokens of a team's CI, signatures of releases, and the audit log of all that."""

from portico.manifest.access.audit import AuditEntry
from portico.manifest.access.bearers import Bearers
from portico.manifest.access.issuers import HttpFetch, Issuers
from portico.manifest.access.issuing import issue_token, revoke_token
from portico.manifest.access.keys import TeamKey
from portico.manifest.access.signatures import Signature, Signed
from portico.manifest.access.signing import check_signature, check_signed
from portico.manifest.access.store import AccessStore
from portico.manifest.access.trust import TrustRule

__all__ = [
    "AccessStore",
    "AuditEntry",
    "Bearers",
    "HttpFetch",
    "Issuers",
    "Signature",
    "Signed",
    "TeamKey",
    "TrustRule",
    "check_signature",
    "check_signed",
    "issue_token",
    "revoke_token",
]
