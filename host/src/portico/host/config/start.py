"""Whether the host may start as it is set. What would be unsafe outside development is refused, every fault at once."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from portico.host.config.addresses import is_loopback
from portico.host.config.host import HostConfig
from portico.host.errors import ConfigurationError

SHORTEST_SECRET = 16
"""Characters of a client secret; OpenID Connect Core 10.1 and RFC 9700 want one that cannot be guessed."""

# What people write when they have no secret yet; compared without case.
_PLACEHOLDERS = frozenset(
    {
        "...", "admin", "changeit", "changeme", "change-me", "change_me", "default", "example", "none", "passw0rd",
        "password", "portico", "postgres", "root", "secret", "test", "todo", "xxx",
    }
)  # fmt: skip


def check_start(config: HostConfig) -> None:
    """Raise ConfigurationError, with a sentence for each fault that says what to set, unless the host may start.

    In development (`portico up`, or `PORTICO_DEVELOPMENT=1` on loopback) it may.
    """
    faults = list(_development_faults(config) if config.development else _production_faults(config))
    if faults:
        raise ConfigurationError(" ".join(faults))


def _development_faults(config: HostConfig) -> Iterator[str]:
    if not is_loopback(urlsplit(config.base_url).hostname or ""):
        yield (
            f"PORTICO_DEVELOPMENT is set, and PORTICO_BASE_URL {config.base_url!r} is not on this machine: unset "
            "PORTICO_DEVELOPMENT."
        )


def _production_faults(config: HostConfig) -> Iterator[str]:
    if not config.is_secure:
        yield (
            f"PORTICO_BASE_URL {config.base_url!r} is plain http: set the https origin that people see, or, to try "
            "things on this machine alone, PORTICO_DEVELOPMENT=1."
        )
    if config.provider is None:
        yield (
            "OIDC_ISSUER is not set: set it to the issuer of your OpenID provider. (The development provider signs "
            "anyone in as anyone; with PORTICO_DEVELOPMENT=1 it runs, on this machine alone.)"
        )
    elif config.provider.client_secret and (why := weakness(config.provider.client_secret)):
        yield (
            f"OIDC_CLIENT_SECRET {why}: have the provider make one of at least {SHORTEST_SECRET} characters and set "
            "it, or a file with it as OIDC_CLIENT_SECRET_FILE."
        )
    for name, url in (
        ("PORTICO_MANIFEST_DATABASE", config.manifest_database),
        ("PORTICO_SESSIONS_DATABASE", config.sessions_database),
        ("NATS_URL", config.nats_url),
    ):
        yield from url_faults(name, url)
    yield from _folder_faults(config.data_dir)


def url_faults(name: str, url: str) -> Iterator[str]:
    """What is wrong with the password in a URL setting, if it has one; the password is never told."""
    try:
        password = urlsplit(url).password
    except ValueError:
        password = None
    if password and (why := weakness(unquote(password), shortest=1)):
        yield f"The password in {name} {why}: set a real one, or a file with the URL as {name}_FILE."


def weakness(secret: str, *, shortest: int = SHORTEST_SECRET) -> str | None:
    """Why a secret is none, in words that do not tell it; `None` when nothing speaks against it."""
    if secret.strip().lower() in _PLACEHOLDERS:
        return "is a word that everybody tries first"
    if len(secret) < shortest:
        return f"has only {len(secret)} characters" if secret else "is empty"
    if shortest > 1 and len(set(secret)) < 5:
        return "repeats the same few characters"
    return None


def _folder_faults(folder: Path) -> Iterator[str]:
    """The folder is made at the first start, for its owner alone; one that was there may be open to everybody."""
    try:
        mode = folder.stat().st_mode
    except OSError:
        return
    if mode & stat.S_IRWXO:
        yield f"PORTICO_DATA_DIR {folder} holds keys and databases, and everybody may read it: run `chmod o= {folder}`."
