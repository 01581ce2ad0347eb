"""`python -m benchmarks.serve module:factory port`: any ASGI application, served exactly as the host serves itself."""

from __future__ import annotations

import asyncio
import sys
from importlib import import_module

from portico.serving import serve


def main(target: str, port: str) -> None:
    """Serve what the factory makes until SIGTERM."""
    module, _, factory = target.partition(":")
    app = getattr(import_module(module), factory)()
    asyncio.run(serve(app, address="127.0.0.1", port=int(port)))


main(*sys.argv[1:])
