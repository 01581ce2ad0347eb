"""What several groups of routes share: identifiers, parameters, headers, the problem document."""

from portico.manifest.openapi.building import Node, header, path, query, record, text
from portico.manifest.schemas import load_schema

DIGEST = text("^[0-9a-f]{64}$", description="SHA-256 of the release's content.")
TIME: Node = {"type": "string", "format": "date-time"}
NUMBER: Node = {"type": "integer", "minimum": 0, "maximum": 999_999_999_999_999}
WHY = text(description="The reason, kept in the history (its first 500 characters).")
WEIGHT: Node = {"type": "integer", "minimum": 0, "maximum": 100}

APP = path("app", load_schema("app-manifest")["$defs"]["app"], "The app's short name.")
CHANNEL = path("channel", text("^[a-z][a-z0-9-]{0,62}$"), "The channel; `live` is what everyone sees.")
OF_CHANNEL = query("channel", text("^[a-z][a-z0-9-]{0,62}$"), "The channel, `live` without.")
RELEASE = path("digest", DIGEST)
LIMIT = query("limit", {"type": "integer", "minimum": 1, "maximum": 200}, "Items of a page.")
CURSOR = query("cursor", NUMBER, "The `cursor` of the page before.")
TEXT_CURSOR = query("cursor", text(most=200), "The `cursor` of the page before.")
IF_MATCH = header(
    "If-Match",
    text(r'^"[0-9]{1,15}"$'),
    "The `ETag` of the channel as it was read: what the change was decided on. Only a dry run does without.",
)
DRY_RUN = query("dry_run", {"type": "boolean"}, "Say what would happen, and change nothing.")
IDEMPOTENCY_KEY = header(
    "Idempotency-Key",
    text("^[!-~]+$", most=200),
    "The client's own name for this request: sent again with it, it is done once.",
)
SCHEMAS: dict[str, Node] = {
    "Problem": record(
        {"type": {"type": "string", "format": "uri"}, "title": text(), "status": {"type": "integer"}},
        {
            "detail": text(),
            "errors": {"type": "array", "items": record({"pointer": text(), "detail": text()})},
        },
    )
    | {"description": "A problem document (RFC 9457). The types are in docs/reference/deployer-api.md."},
}
HEADERS: dict[str, Node] = {
    "Idempotency-Replayed": {
        "description": "The answer is the one that a request with the same `Idempotency-Key` got before.",
        "schema": {"const": "true"},
    },
    "ETag": {"description": "The version of what is answered; a dry run has none.", "schema": text('^(W/)?".*"$')},
    "Location": {"description": "Where the release is; a dry run has none.", "schema": text("^/deploy/")},
}
