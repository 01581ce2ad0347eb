"""The platform's own browser code, as it was built into the package."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from portico.host.errors import ConfigurationError
from portico.manifest import Module, PlatformAssets

FOLDER = Path(__file__).parent / "static"
RUNTIME = "runtime.js"
OVERLAY = "overlay.js"
WORKER = "worker.js"
DEV = "dev.js"
SHELL_CSS = "shell.css"
# What micro-apps may import of the platform.
_SPECIFIERS = {
    "@portico/sdk": RUNTIME,  # apps and the runtime share what every page needs: one module, one request
    "@portico/sdk/flags": "flags.js",
    "@portico/sdk/i18n": "i18n.js",
    "@portico/sdk/i18n/icu": "icu.js",
    "@portico/sdk/log": "log.js",
    "@portico/sdk/offline": "offline.js",
    "@portico/runtime": RUNTIME,
    "@portico/runtime/later": "later.js",
}


@cache
def platform_assets() -> PlatformAssets:
    """The built files; raises `ConfigurationError` in a checkout that was not built yet."""
    missing = [name for name in (*_SPECIFIERS.values(), OVERLAY, WORKER, SHELL_CSS) if not (FOLDER / name).exists()]
    if missing:
        raise ConfigurationError(f"The browser code is not built ({', '.join(missing)} missing). Run `make build`.")
    return PlatformAssets.load(FOLDER)


def platform_modules(assets: PlatformAssets) -> dict[str, Module]:
    """What the platform puts into every import map: specifier to module."""
    return {specifier: assets.module(path) for specifier, path in _SPECIFIERS.items()}
