"""How the host shows the provider which client it is: by Basic, by form, or by a signed assertion.

Sources: RFC 6749 (2.3.1), RFC 7523, OpenID Connect Core 9, RFC 8414 (the methods that a provider announces).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote_plus

from portico.host.clock import Clock
from portico.host.config import ProviderConfig
from portico.host.session.client_key import ASSERTION_TYPE, ClientKey
from portico.host.session.errors import ProviderDistrusted
from portico.host.session.provider import ProviderMetadata


@dataclass(frozen=True, slots=True)
class Credentials:
    """What one request brings: fields of its form, and headers."""

    fields: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False, default_factory=dict)


class ClientAuthentication:
    """One client, as the configuration has it: with a key where there is one, else with its secret."""

    def __init__(self, client: ProviderConfig, *, clock: Clock) -> None:
        """Raises ConfigurationError for a key that is none."""
        self._id = client.client_id
        self._secret = client.client_secret
        self._key = ClientKey(client.client_key) if client.client_key else None
        self._clock = clock

    def credentials(self, metadata: ProviderMetadata) -> Credentials:
        """What to send with one request; raises ProviderDistrusted when the provider takes nothing that we have."""
        offered = metadata.token_endpoint_auth_methods_supported
        if self._key is not None:
            if "private_key_jwt" in offered:
                return self._signed(self._key, metadata)
            raise ProviderDistrusted("the provider does not take private_key_jwt, and OIDC_CLIENT_KEY is set")
        if "client_secret_basic" in offered:
            return Credentials({}, {"Authorization": self._basic()})
        if "client_secret_post" in offered:
            return Credentials({"client_id": self._id, "client_secret": self._secret})
        raise ProviderDistrusted("the provider takes a client's secret neither by Basic nor by form")

    def _signed(self, key: ClientKey, metadata: ProviderMetadata) -> Credentials:
        offered = metadata.token_endpoint_auth_signing_alg_values_supported
        algorithm = next((name for name in key.algorithms if offered is None or name in offered), None)
        if algorithm is None:
            raise ProviderDistrusted(f"the provider takes no assertions signed with {' or '.join(key.algorithms)}")
        assertion = key.assertion(client_id=self._id, audience=metadata.issuer, algorithm=algorithm, now=self._clock())
        return Credentials(
            {"client_id": self._id, "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
        )

    def _basic(self) -> str:
        """Basic with form-encoded parts (RFC 6749, 2.3.1)."""
        pair = f"{quote_plus(self._id)}:{quote_plus(self._secret)}"
        return f"Basic {base64.b64encode(pair.encode()).decode()}"
