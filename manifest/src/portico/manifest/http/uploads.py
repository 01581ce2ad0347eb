"""Taking an upload in: streamed to disk, counted while it comes."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from anyio import open_file
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.types import Message, Receive

from portico.manifest.archive import refused, unpack
from portico.manifest.errors import UploadTooLarge
from portico.manifest.http.parameters import body_of
from portico.manifest.limits import Limits
from portico.manifest.sources import SourceListing, Sources, checked, fetch_all
from portico.manifest.unpacked import UnpackedApp
from portico.problem import Problem

FIELD = "archive"
_BLOCK = 1 << 18
_LARGEST_LISTING = 2 << 20
_FRAMING = 64 << 10
"""What a multipart body may have beside the file."""
_RAW = frozenset({"application/gzip", "application/x-gzip", "application/x-tar+gzip", "application/octet-stream"})


async def received(request: Request, scratch: Path, limits: Limits, sources: Sources) -> UnpackedApp:
    """Return the built app that a request carries or, as JSON, lists (``SourceListing``); its files are in ``scratch``.

    Raises ``UploadTooLarge``, ``InvalidArchive``, ``InvalidSource``, or a 400, 413, 415 or 422 problem.
    """
    folder = scratch / "files"
    if _media_type(request) == "application/json":
        listing = await body_of(request, SourceListing, most=_LARGEST_LISTING)
        checked(listing, sources.origins, limits)
        return await fetch_all(listing, folder, sources, limits)
    upload = scratch / "upload"
    await save_upload(request, upload, limits.upload)
    return await asyncio.to_thread(unpack, upload, folder, limits)


async def save_upload(request: Request, target: Path, limit: int) -> None:
    """Write the archive that a request carries to ``target``.

    The body is the archive itself (``application/gzip``) or a form (``multipart/form-data``) with the file in the
    field ``archive``. Raises ``UploadTooLarge``, ``InvalidArchive``, or a 415 problem.
    """
    media_type = _media_type(request)
    if media_type == "multipart/form-data":
        await _save_form(request, target, limit)
    elif media_type in _RAW:
        await _save(request.stream(), target, limit)
    else:
        raise Problem(
            "unsupported-media-type",
            status=415,
            detail=f"Send application/gzip, multipart/form-data with the field {FIELD!r}, or application/json.",
            headers={"Accept": "application/gzip, multipart/form-data, application/json"},
        )


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _save_form(request: Request, target: Path, limit: int) -> None:
    bounded = Request(request.scope, _bounded(request.receive, limit + _FRAMING, limit))
    async with bounded.form(max_files=1, max_fields=4) as form:
        file = form.get(FIELD)
        if not isinstance(file, UploadFile):
            raise refused(f"is missing: the form has no file in the field {FIELD!r}")
        await _save(_blocks(file), target, limit)


def _bounded(receive: Receive, allowed: int, limit: int) -> Receive:
    """Stop a body that is too large while it is read: the form parser spools files of any size to disk."""
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > allowed:
            raise UploadTooLarge(limit)
        return message

    return counted


async def _blocks(file: UploadFile) -> AsyncIterator[bytes]:
    while block := await file.read(_BLOCK):
        yield block


async def _save(blocks: AsyncIterator[bytes], target: Path, limit: int) -> None:
    size = 0
    async with await open_file(target, "wb") as file:
        async for block in blocks:
            size += len(block)
            if size > limit:
                raise UploadTooLarge(limit)
            await file.write(block)
