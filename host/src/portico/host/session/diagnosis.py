"""What `portico doctor` is told of the OpenID provider: asked anew, as the next person who signs in would ask it."""

from __future__ import annotations

from portico.host.session.errors import SignInError
from portico.host.session.keys import ALGORITHMS
from portico.host.session.provider import Provider
from portico.keys import KeySetRefused, parse_key_set
from portico.manifest.diagnosis import Diagnosis


async def issuer_diagnosis(provider: Provider) -> Diagnosis:
    """Whether its discovery document and its keys can be had and used; what it publishes anybody may read."""
    try:
        metadata = await provider.metadata_now()
        keys = parse_key_set(await provider.http.get_bytes(metadata.jwks_uri), ALGORITHMS)
    except (SignInError, KeySetRefused) as error:
        return Diagnosis("issuer", "fail", str(error))
    if not keys:
        algorithms = ", ".join(sorted(ALGORITHMS))
        return Diagnosis("issuer", "fail", f"{metadata.jwks_uri} holds no key for any of {algorithms}")
    return Diagnosis(
        "issuer", "ok", f"describes itself, and publishes {len(keys)} {'key' if len(keys) == 1 else 'keys'}"
    )
