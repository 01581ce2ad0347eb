"""``/deploy/openapi.json``: the document describes where it is."""

from portico.manifest.openapi.building import Node, answer, operation

_DOCUMENT: Node = {"type": "object", "required": ["openapi", "info", "paths"]}

PATHS: dict[str, dict[str, Node]] = {
    "/deploy/openapi.json": {
        "get": operation(
            "openapi",
            "This document.",
            {200: answer("The document.", _DOCUMENT, media_type="application/openapi+json")},
            tag="read",
            public=True,
        )
    },
}
