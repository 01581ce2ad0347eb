"""Download links: signed tokens (JWT, RFC 7519) that name one receipt and one person, and end soon."""

import base64
import contextlib
import os
from typing import Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from archive_bff.model import SIGNING_KEY, SigningKey
from portico.bff import ConflictError, EntityStore

LIFETIME_S: Final = 300
_AUDIENCE: Final = "archive-download"
_KEY: Final = "links"
_NOBODY: Final = "service:archive"


class Links:
    """Signs and reads links with one key, which every process of the service shares through its store."""

    def __init__(self, key: OctKey) -> None:
        self._key = key

    @classmethod
    async def open(cls, store: EntityStore) -> "Links":
        """Read the key, or make it when there is none yet."""
        while True:
            async with store.system_unit_of_work("download links") as uow:
                known = await uow.get(SIGNING_KEY, _KEY)
                if known is not None:
                    return cls(OctKey.import_key({**known.entity.key}))
                secret = base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")
                await uow.put(SIGNING_KEY, _KEY, SigningKey({"kty": "oct", "k": secret}), owner=_NOBODY)
                with contextlib.suppress(ConflictError):  # another process made one just now
                    await uow.commit()

    def sign(self, receipt: str, person: str, now_ms: int) -> str:
        """Make the link of a receipt for one person; it holds for ``LIFETIME_S`` seconds."""
        claims = {"aud": _AUDIENCE, "sub": person, "receipt": receipt, "exp": now_ms // 1000 + LIFETIME_S}
        return jwt.encode({"alg": "HS256"}, claims, self._key)

    def read(self, link: str, person: str, now_ms: int) -> str | None:
        """The receipt of a link that is this person's and has not ended; None for any other text."""
        try:
            claims = jwt.decode(link, self._key, algorithms=["HS256"]).claims
        except (JoseError, ValueError, TypeError):  # a header's values may be of any type
            return None
        receipt, ends = claims.get("receipt"), claims.get("exp")
        if claims.get("aud") != _AUDIENCE or claims.get("sub") != person or not isinstance(ends, int):
            return None
        return receipt if isinstance(receipt, str) and ends > now_ms // 1000 else None
