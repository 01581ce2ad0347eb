"""What payments need to know beside what every service does."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

from portico.bff import SettingsError
from portico.secrets import Secret, SecretRefused, with_secrets

SECRETS = ("PAYMENTS_API_KEY", "PAYMENTS_WEBHOOK_SECRET")


class PaymentsSettings(msgspec.Struct, frozen=True):
    """Each field names its setting; those of secrets may also be given as a file (``..._FILE``).

    ``url`` (PAYMENTS_URL; empty: the sandbox, where there is demo data), ``api_key`` (PAYMENTS_API_KEY) and
    ``webhook_secrets`` (PAYMENTS_WEBHOOK_SECRET: one, or two with a space between while one is replaced).
    """

    url: str
    api_key: Secret
    webhook_secrets: tuple[Secret, ...]

    @classmethod
    def from_mapping(cls, settings: Mapping[str, str]) -> "PaymentsSettings":
        """Parse the settings; raises ``SettingsError`` that says what is wrong."""
        try:
            found = with_secrets(settings, SECRETS)
        except SecretRefused as error:
            raise SettingsError(str(error)) from error
        url = found.get("PAYMENTS_URL", "").strip()
        demo = found.get("PORTICO_DEMO", "").strip().lower() in {"1", "true", "yes"}
        if not url and not demo:
            raise SettingsError(
                "PAYMENTS_URL is not set: name the provider's API (or set PORTICO_DEMO=1 for a sandbox)"
            )
        if url and urlsplit(url).scheme not in {"http", "https"}:
            raise SettingsError(f"PAYMENTS_URL is {url!r}; it must be an http(s) URL")
        if url and not found.get("PAYMENTS_API_KEY"):
            raise SettingsError("PAYMENTS_API_KEY is not set: the provider asks who calls")
        secrets = found.get("PAYMENTS_WEBHOOK_SECRET", "").split()
        return cls(url, Secret(found.get("PAYMENTS_API_KEY", "")), tuple(Secret(one) for one in secrets))
