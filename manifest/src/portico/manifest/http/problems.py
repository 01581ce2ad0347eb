"""From this package's errors to problem documents, once, for every route."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import wraps
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from portico.manifest.app_manifest import FILE_NAME
from portico.manifest.errors import (
    AppNameTaken,
    AssetMissing,
    AssetsUnavailable,
    BudgetExceeded,
    ContractBroken,
    Finding,
    IdempotencyKeyReused,
    InvalidArchive,
    InvalidChannel,
    InvalidCursor,
    InvalidManifest,
    InvalidRelease,
    InvalidSource,
    InvalidToken,
    IssuerUnavailable,
    ManifestError,
    NotOperator,
    NotYourApp,
    Refused,
    RevisionConflict,
    SignatureInvalid,
    SignatureKeyRevoked,
    SignatureRequired,
    SpecifierClash,
    UnknownApp,
    UnknownKey,
    UnknownRelease,
    UnknownRevision,
    UnknownRule,
    UnknownToken,
    UnsupportedAssets,
    UploadTooLarge,
    VersionTaken,
)
from portico.manifest.flags.errors import FlagConflict, InvalidFlag, NotYourFlag, UnknownFlag
from portico.manifest.snapshot import revision_etag
from portico.problem import Problem
from portico.sql import InvalidText, StoreUnavailable

Endpoint = Callable[[Request], Awaitable[Response]]

TITLES: Mapping[type[ManifestError], tuple[int, str]] = {
    AppNameTaken: (422, "The app's name belongs to another team"),
    AssetMissing: (404, "No such file"),
    AssetsUnavailable: (503, "The files cannot be reached"),
    IdempotencyKeyReused: (422, "The key names another request"),
    FlagConflict: (412, "The flag has moved on"),
    BudgetExceeded: (422, "The app is larger than its budget"),
    ContractBroken: (422, "The BFF's contract does not fit"),
    InvalidArchive: (422, "The archive cannot be used"),
    InvalidChannel: (422, "The channel would not work"),
    InvalidCursor: (400, "Not a cursor of this list"),
    InvalidFlag: (422, "The flag is not valid"),
    InvalidManifest: (422, "The app manifest is not valid"),
    InvalidRelease: (422, "The release is not complete"),
    InvalidSource: (422, "The files cannot be taken from where they are"),
    InvalidToken: (401, "A deploy token is needed"),
    IssuerUnavailable: (503, "The CI's identity provider does not answer"),
    NotOperator: (403, "Only an operator may do this"),
    NotYourApp: (403, "The app is another team's"),
    NotYourFlag: (403, "The flag is another team's"),
    RevisionConflict: (412, "The channel has moved on"),
    SignatureInvalid: (422, "The signature does not hold"),
    SignatureKeyRevoked: (403, "The signing key was revoked"),
    SignatureRequired: (403, "The team takes signed releases alone"),
    SpecifierClash: (500, "The channel's import map cannot be made"),
    UnknownApp: (404, "No such app"),
    UnknownFlag: (404, "No such flag"),
    UnknownKey: (404, "No such signing key"),
    UnknownRelease: (404, "No such release"),
    UnknownRevision: (404, "No such revision"),
    UnknownRule: (404, "No such trust rule"),
    UnknownToken: (404, "No such deploy token"),
    UnsupportedAssets: (500, "The asset store's settings cannot be used"),
    UploadTooLarge: (413, "The upload is too large"),
    VersionTaken: (409, "The version exists with other content"),
}
"""Status and title of each error's problem."""


def problem_of(error: ManifestError) -> Problem:
    """Return the problem document of an error; its ``type`` is the error's ``code``."""
    status, title = TITLES[type(error)]
    extensions: dict[str, Any] = {}
    headers: dict[str, str] = {}
    detail = str(error)
    match error:
        case Refused():
            detail = _summary(error.findings, "the flag" if isinstance(error, InvalidFlag) else FILE_NAME)
            extensions["errors"] = [{"pointer": one.pointer, "detail": one.detail} for one in error.findings]
        case RevisionConflict() | FlagConflict():
            headers["ETag"] = revision_etag(error.current)
            extensions["revision"] = error.current
        case VersionTaken():
            extensions["release"] = error.digest
        case UploadTooLarge():
            extensions["limit"] = error.limit
        case InvalidToken():
            headers["WWW-Authenticate"] = 'Bearer realm="portico-deploy"'
        case IssuerUnavailable() | AssetsUnavailable():
            headers["Retry-After"] = "5"
        case _:
            pass
    return Problem(error.code, status=status, title=title, detail=detail, headers=headers, extensions=extensions)


def with_problems(endpoint: Endpoint) -> Endpoint:
    """Turn this package's errors into problems where they leave an endpoint, whatever application it is mounted in."""

    @wraps(endpoint)
    async def call(request: Request) -> Response:
        try:
            return await endpoint(request)
        except ManifestError as error:
            raise problem_of(error) from error
        except InvalidText as error:
            detail = "A text has a character that no text may have: U+0000, or half of a surrogate pair."
            raise Problem("invalid-request", status=422, detail=detail) from error
        except StoreUnavailable as error:
            headers = {"Retry-After": "1"}
            raise Problem("store-unavailable", status=503, detail="Try again shortly.", headers=headers) from error

    return call


def _summary(findings: Sequence[Finding], whole: str) -> str:
    first = f"{findings[0].pointer or whole}: {findings[0].detail}"
    return first if len(findings) == 1 else f"{first} (and {len(findings) - 1} more)"
