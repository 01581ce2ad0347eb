"""Documents of keys, good and bad."""

from __future__ import annotations

from typing import Any

import msgspec
from joserfc.jwk import ECKey, OKPKey, RSAKey

EC = ECKey.generate_key("P-256")


def jwk(key: ECKey | RSAKey | OKPKey = EC, kid: str | None = "k", **changes: Any) -> dict[str, Any]:
    members = {**key.as_dict(private=False), "kid": kid, **changes}
    return {name: value for name, value in members.items() if value is not None}


def document(*keys: dict[str, Any]) -> bytes:
    return msgspec.json.encode({"keys": keys})
