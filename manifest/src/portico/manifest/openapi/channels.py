"""Reading and changing channels."""

from portico.manifest.openapi.building import (
    Node,
    answer,
    json_body,
    link,
    listing,
    nullable,
    operation,
    query,
    record,
    ref,
    text,
)
from portico.manifest.openapi.common import (
    APP,
    CHANNEL,
    CURSOR,
    DIGEST,
    DRY_RUN,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    LIMIT,
    NUMBER,
    TEXT_CURSOR,
    TIME,
    WEIGHT,
    WHY,
)

_TAG = "channels"
_CHANGING = (IF_MATCH, IDEMPOTENCY_KEY, DRY_RUN)
_REVISION = answer("The revision.", ref("Revision"), headers=["ETag"])
_AS_READ = {"path.channel": "$request.path.channel", "header.If-Match": "$response.header.ETag"}
_NEXT: Node = {
    "links": {
        "promote": link("promote", _AS_READ),
        "retire": link("retire", _AS_READ),
        "rollback": link("rollback", _AS_READ, {"to": "$response.body#/parent"}),
    }
}
_CHANGED = answer(
    "The revision that holds the change, or with `dry_run` what would change.",
    {"anyOf": [ref("Revision"), ref("Preview")]},
    headers=["ETag", "Idempotency-Replayed"],
)
_REFUSALS = (400, 403, 404, 412, 413, 428)

PATHS: dict[str, dict[str, Node]] = {
    "/deploy/channels": {
        "get": operation(
            "channels",
            "The channels that were ever changed, by name.",
            {200: answer("A page of channels.", ref("Channels"))},
            tag=_TAG,
            parameters=[LIMIT, TEXT_CURSOR],
            problems=[400],
        )
    },
    "/deploy/channels/{channel}": {
        "get": operation(
            "channel",
            "A channel as it is now, or as it was.",
            {200: _REVISION | _NEXT},
            tag=_TAG,
            parameters=[CHANNEL, query("revision", NUMBER, "An older revision.")],
            problems=[404],
        )
    },
    "/deploy/channels/{channel}/apps/{app}": {
        "put": operation(
            "promote",
            "Point the channel at a release.",
            {200: _CHANGED},
            tag=_TAG,
            parameters=[CHANNEL, APP, *_CHANGING],
            body=json_body(ref("Promotion")),
            problems=_REFUSALS,
        ),
        "delete": operation(
            "retire",
            "Take the app out of the channel.",
            {200: _CHANGED},
            tag=_TAG,
            parameters=[CHANNEL, APP, *_CHANGING],
            body=json_body(ref("Retirement"), required=False),
            problems=_REFUSALS,
        ),
    },
    "/deploy/channels/{channel}/rollback": {
        "post": operation(
            "rollback",
            "Make a revision equal to an older one, in whole or in one app.",
            {200: _CHANGED},
            tag=_TAG,
            parameters=[CHANNEL, *_CHANGING],
            body=json_body(ref("Rollback")),
            problems=_REFUSALS,
        )
    },
    "/deploy/channels/{channel}/history": {
        "get": operation(
            "history",
            "Revisions with what they changed, newest first.",
            {200: answer("A page of the history.", ref("History"))},
            tag=_TAG,
            parameters=[CHANNEL, LIMIT, CURSOR],
            problems=[404],
        )
    },
}

_WEIGHTED: Node = {"type": "array", "items": ref("WeightedRelease"), "maxItems": 2}
_REVISION_MEMBERS: dict[str, Node] = {
    "channel": text(),
    "revision": NUMBER,
    "parent": nullable(NUMBER),
    "who": text(),
    "at": TIME,
    "why": text(),
    "apps": {"type": "object", "additionalProperties": _WEIGHTED},
}

SCHEMAS: dict[str, Node] = {
    "Channels": listing("channels", ref("ChannelSummary"), nullable(text())),
    "ChannelSummary": record({"channel": text(), "revision": NUMBER, "who": text(), "at": TIME, "why": text()}),
    "WeightedRelease": record({"release": DIGEST, "weight": WEIGHT}),
    "Revision": record(_REVISION_MEMBERS),
    "Change": record({"before": {}, "after": {}}, {"app": text(), "import": text(), "scope": text(), "extra": text()}),
    "History": listing(
        "revisions",
        {"allOf": [ref("Revision"), record({"changes": {"type": "array", "items": ref("Change")}})]},
        nullable(NUMBER),
    ),
    "Preview": record(
        {
            "changes": {"type": "array", "items": ref("Change")},
            "importMap": record(
                {
                    "added": {"type": "object", "additionalProperties": text()},
                    "removed": {"type": "object", "additionalProperties": text()},
                    "changed": {
                        "type": "object",
                        "additionalProperties": record({"before": text(), "after": text()}),
                    },
                }
            ),
        }
    ),
    "Promotion": record({"release": DIGEST}, {"why": WHY, "weight": WEIGHT}, closed=True),
    "Retirement": record({}, {"why": WHY}, closed=True),
    "Rollback": record({"to": NUMBER}, {"app": nullable(text()), "why": WHY}, closed=True),
}
