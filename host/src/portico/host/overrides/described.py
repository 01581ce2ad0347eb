"""`/deploy/overrides` for the OpenAPI document: the host serves it, a deployer alone does not."""

from __future__ import annotations

from portico.manifest.openapi.building import Node, answer, header, json_body, nullable, operation, record, text

_TAG = "overrides"
_OWN_PAGE = header("X-Portico", {"const": "1"}, "Says that one of our own pages asks.", required=True)
_ONE: Node = record(
    {},
    {
        "release": text("^[0-9a-f]{64}$"),
        "url": text(most=2_000),
        "ownStyles": {"type": "boolean"},
        "bff": text(most=2_000),
    },
)
_OVERRIDES: Node = {"type": "object", "additionalProperties": _ONE}
_NOW = record({"overrides": _OVERRIDES}, {"expiresAt": nullable({"type": "number"})})
_SESSION: list[Node] = [{"session": []}]

PATHS: dict[str, dict[str, Node]] = {
    "/deploy/overrides": {
        "get": operation(
            "overrides",
            "What the person's session shows in place of what is live.",
            {200: answer("The overrides that apply.", _NOW)},
            tag=_TAG,
            problems=[403],
        )
        | {"security": _SESSION},
        "put": operation(
            "override",
            "Show own versions of apps in this session's pages.",
            {200: answer("The overrides that apply from now on.", _NOW)},
            tag=_TAG,
            parameters=[_OWN_PAGE],
            body=json_body(record({"overrides": _OVERRIDES}, closed=True)),
            problems=[400, 403, 413],
        )
        | {"security": _SESSION},
        "delete": operation(
            "endOverrides",
            "Show what is live again.",
            {204: answer("There are none any more.")},
            tag=_TAG,
            parameters=[_OWN_PAGE],
            problems=[403],
        )
        | {"security": _SESSION},
    },
    "/deploy/overrides/off": {
        "post": operation(
            "overridesOff",
            "The button in the page: show what is live again, and back to the page.",
            {303: answer("Back to where the button was pressed.")},
            tag=_TAG,
            problems=[403],
        )
        | {"security": _SESSION},
    },
}
