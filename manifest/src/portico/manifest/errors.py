"""What can go wrong in the manifest. Each error has a stable ``code``, which the HTTP edge maps to a problem once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with what a team sent.

    ``pointer`` is the place: a JSON Pointer into ``app.json`` (``/routes/0/path``), or ``file:<path>`` for a file of
    the release, with ``:<line>:<column>`` (from 1) where it has one. ``detail`` says in a sentence what is wrong.
    """

    pointer: str
    detail: str


class ManifestError(Exception):
    """Base of everything this package raises on purpose."""

    code: ClassVar[str] = "manifest"


class Refused(ManifestError):
    """Something was checked before anything changed, and refused; ``findings`` says every place (at least one)."""

    code = "refused"

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("; ".join(f"{finding.pointer}: {finding.detail}" for finding in findings))
        self.findings = tuple(findings)


class InvalidManifest(Refused):
    """The app manifest does not follow its schema, or names what cannot be."""

    code = "invalid-app-manifest"


class InvalidArchive(Refused):
    """The upload is not a safe, readable tar.gz of a built app."""

    code = "invalid-archive"


class InvalidRelease(Refused):
    """The files of the release do not hold what its manifest or its modules name."""

    code = "invalid-release"


class InvalidSource(Refused):
    """A file that is hosted elsewhere cannot be taken: its name, its origin, its size or its bytes are not right."""

    code = "invalid-source"


class InvalidChannel(Refused):
    """The channel that would result does not work: claims collide, an import resolves to nothing, a need is unmet."""

    code = "invalid-channel"


class BudgetExceeded(Refused):
    """What a browser loads before the app can mount is larger than the budget."""

    code = "budget-exceeded"


class ContractBroken(Refused):
    """What a release uses of its BFF does not fit the contract (its own, or the one that would take its place), or it
    does not go with the messages of others."""

    code = "contract-broken"


class UploadTooLarge(ManifestError):
    """The upload has more bytes than the limit (``limit``, in bytes)."""

    code = "upload-too-large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"the upload is larger than {limit} bytes")
        self.limit = limit


class UnknownApp(ManifestError):
    """No release of this app was ever published, or the channel does not hold it."""

    code = "unknown-app"


class UnknownRelease(ManifestError):
    """There is no such release of this app."""

    code = "unknown-release"


class UnknownRevision(ManifestError):
    """The channel never had this revision."""

    code = "unknown-revision"


class RevisionConflict(ManifestError):
    """The channel moved on: it is at ``current``, not at the revision that the change was made from."""

    code = "revision-conflict"

    def __init__(self, channel: str, current: int) -> None:
        super().__init__(f"channel {channel} is at revision {current}")
        self.channel = channel
        self.current = current


class IdempotencyKeyReused(ManifestError):
    """The ``Idempotency-Key`` names another request of the same token."""

    code = "idempotency-key-reused"


class VersionTaken(ManifestError):
    """This version of the app exists already with other bytes (``digest``)."""

    code = "version-taken"

    def __init__(self, app: str, version: str, digest: str) -> None:
        super().__init__(f"{app} {version} was published with other content")
        self.app = app
        self.version = version
        self.digest = digest


class AppNameTaken(Refused):
    """The app's short name belongs to another team."""

    code = "app-name-taken"


class NotYourApp(ManifestError):
    """The deploy token's team may not change this app."""

    code = "not-your-app"


class InvalidToken(ManifestError):
    """No deploy token, an unknown, revoked or expired one."""

    code = "invalid-token"


class NotOperator(ManifestError):
    """Only a token for every team may say who deploys."""

    code = "not-an-operator"


class IssuerUnavailable(ManifestError):
    """The keys of a CI's identity provider cannot be had, so its tokens cannot be checked just now."""

    code = "issuer-unavailable"


class UnknownKey(ManifestError):
    """The team has no such signing key."""

    code = "unknown-key"


class UnknownToken(ManifestError):
    """There is no such deploy token, or it is revoked already."""

    code = "unknown-token"


class UnknownRule(ManifestError):
    """There is no such trust rule."""

    code = "unknown-trust-rule"


class SignatureInvalid(Refused):
    """The signature cannot be read, is not of this content, or not by a key of the app's team."""

    code = "signature-invalid"


class SignatureRequired(ManifestError):
    """The team takes signed releases alone, and this one has no signature that counts."""

    code = "signature-required"


class SignatureKeyRevoked(ManifestError):
    """The key was revoked: what it signs is not taken any more."""

    code = "signature-key-revoked"


class SpecifierClash(ManifestError):
    """Two modules answer to one specifier, so no import map can be made."""

    code = "specifier-clash"

    def __init__(self, specifier: str, owners: Sequence[str]) -> None:
        super().__init__(f"{specifier} is shared by {' and '.join(owners)}")
        self.specifier = specifier
        self.owners = tuple(owners)


class InvalidCursor(ManifestError):
    """The cursor of a list is not one that was given out."""

    code = "invalid-cursor"


class AssetMissing(ManifestError):
    """A file that a release names is not in the asset store."""

    code = "asset-missing"


class AssetsUnavailable(ManifestError):
    """The asset store cannot answer now. What was being kept is not acknowledged."""

    code = "assets-unavailable"


class UnsupportedAssets(ManifestError):
    """No asset store answers to this place, or its settings cannot be used; told when a deployer starts."""

    code = "unsupported-assets"
