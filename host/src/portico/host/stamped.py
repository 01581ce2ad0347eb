"""The version of a service's release that changed: nobody builds one without browser code, so nobody has stamped it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from portico.manifest import UnpackedApp

_MANIFEST = "app.json"
_DIGITS = 10


def stamped(app: UnpackedApp, into: Path) -> UnpackedApp:
    """The same release with `+<digest of its files>` behind its version, as builds stamp it; written below `into`.

    One with an entry was built, and one with such a version was stamped: they stay as they are.
    """
    manifest = app.manifest()
    if manifest.entry is not None or "+" in manifest.version:
        return app
    digest = hashlib.sha256()
    for name, path in sorted(app.files.items()):
        digest.update(f"{name}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    document = json.loads(app.files[_MANIFEST].read_bytes())
    made = into / _MANIFEST
    made.write_text(json.dumps({**document, "version": f"{manifest.version}+{digest.hexdigest()[:_DIGITS]}"}))
    return UnpackedApp({**app.files, _MANIFEST: made})
