"""Who signed which release, put into documents that mention releases; and the signature that a release comes with."""

from collections.abc import Iterable
from typing import Any

from starlette.requests import Request

from portico.manifest.access import AccessStore, Signature, Signed
from portico.manifest.access.signatures import HEADER


def signature_of(request: Request) -> Signature | None:
    """Return the signature in the header ``Portico-Signature``, ``None`` without; raises ``SignatureInvalid``."""
    header = request.headers.get(HEADER)
    return None if header is None else Signature.from_header(header)


async def sign_releases(documents: Iterable[dict[str, Any]], store: AccessStore) -> None:
    """Add ``signedBy`` to documents of releases, told by their member ``digest``."""
    await _sign(list(documents), "digest", store)


async def sign_changes(revisions: Iterable[dict[str, Any]], store: AccessStore) -> None:
    """Add ``signedBy`` to what the changes of revisions point to, told by the member ``release``."""
    pointed = [
        one
        for revision in revisions
        for change in revision["changes"]
        for side in ("before", "after")
        for one in (change[side] if isinstance(change[side], list) else ())
        if isinstance(one, dict) and "release" in one
    ]
    await _sign(pointed, "release", store)


async def _sign(documents: list[dict[str, Any]], member: str, store: AccessStore) -> None:
    signed = await store.signatures({document[member] for document in documents})
    for document in documents:
        document["signedBy"] = [_document(one) for one in signed.get(document[member], ())]


def _document(signed: Signed) -> dict[str, Any]:
    return {
        "key": signed.signature.key_id,
        "label": signed.label,
        "signature": signed.signature.text,
        "at": signed.at.isoformat(timespec="milliseconds"),
        "revoked": signed.revoked,
    }
