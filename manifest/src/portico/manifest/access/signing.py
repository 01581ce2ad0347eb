"""Whether a release is signed as its team wants: asked when it is published, and when a channel is to point to it."""

from datetime import datetime

from portico.manifest.access.signatures import Signature, Signed, holds, invalid
from portico.manifest.access.store import AccessStore
from portico.manifest.errors import SignatureKeyRevoked, SignatureRequired
from portico.manifest.release import Release


async def check_signature(
    store: AccessStore, release: Release, signature: Signature | None, now: datetime
) -> Signed | None:
    """Check the signature that a release came with, and return what is to be kept of it.

    One that is given must hold, whether the team wants one or not. Raises ``SignatureRequired``, ``SignatureInvalid``,
    ``SignatureKeyRevoked``.
    """
    if signature is None:
        await check_signed(store, release)
        return None
    key = await store.key(release.team, signature.key_id)
    if key is None:
        raise invalid(f"is by key {signature.key_id}, which team {release.team} does not have")
    if key.revoked_at is not None:
        raise SignatureKeyRevoked(f"key {key.id} ({key.label}) of team {key.team} was revoked at {key.revoked_at}")
    if not holds(signature, release.digest, key):
        raise invalid(f"is not of this content: the files that came are release {release.digest}")
    return Signed(signature, key.label, now)


async def check_signed(store: AccessStore, release: Release, *, or_unsigned: bool = False) -> None:
    """Check that a release has a signature that counts when its team wants one.

    ``or_unsigned`` lets pass what was never signed. Raises ``SignatureRequired``; ``SignatureKeyRevoked`` when it was
    signed by revoked keys alone.
    """
    if not await store.requires_signatures(release.team):
        return
    signed = (await store.signatures([release.digest])).get(release.digest, ())
    if any(not one.revoked for one in signed):
        return
    what = f"{release.name} {release.version}"
    if signed:
        keys = ", ".join(one.signature.key_id for one in signed)
        raise SignatureKeyRevoked(f"{what} is signed with {keys} alone, which was revoked; sign and publish it again")
    if or_unsigned:
        return
    raise SignatureRequired(f"{what} is not signed by a key of team {release.team}")
