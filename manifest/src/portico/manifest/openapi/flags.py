"""Feature flags, and their evaluation by OpenFeature's remote evaluation protocol."""

from portico.manifest.openapi.building import (
    Node,
    answer,
    header,
    json_body,
    listing,
    nullable,
    operation,
    path,
    query,
    record,
    ref,
    text,
)
from portico.manifest.openapi.common import CURSOR, IDEMPOTENCY_KEY, LIMIT, NUMBER, TIME
from portico.manifest.schemas import load_schema

_TAG = "flags"
_KEY: Node = load_schema("flag")["$defs"]["key"]
_TEAM: Node = load_schema("flag")["properties"]["team"]
_FLAG = path("flag", _KEY, "The flag's key.")
_BASE = [
    header("If-Match", text(r'^"[0-9]{1,15}"$'), "The flag's `ETag` as it was read: what the change was decided on."),
    header("If-None-Match", {"const": "*"}, "There should be no such flag: it is made."),
]
_REVISION = answer("The flag.", ref("FlagRevision"), headers=["ETag"])
_REFUSALS = (400, 403, 404, 412, 413, 428)
_CONTEXT = json_body(ref("EvaluationRequest"), required=False)
_UNCHANGED = header("If-None-Match", text(), "An `ETag` of an earlier answer; 304 when nothing changed.")


def _evaluation(id_: str, summary: str, answers: dict[int, Node], parameters: list[Node]) -> Node:
    refused = {400: answer("The evaluation failed, as the protocol says it.", ref("EvaluationFailure"))}
    return operation(
        id_, summary, {**answers, **refused}, tag="ofrep", parameters=parameters, body=_CONTEXT, problems=[413]
    ) | {"security": [{"deployToken": []}, {}]}


PATHS: dict[str, dict[str, Node]] = {
    "/deploy/flags": {
        "get": operation(
            "flags",
            "Flags by key.",
            {200: answer("A page of flags.", ref("FlagPage"))},
            tag=_TAG,
            parameters=[LIMIT, query("cursor", _KEY, "The `cursor` of the page before."), query("team", _TEAM)],
            problems=[400],
        )
    },
    "/deploy/flags/{flag}": {
        "get": operation(
            "flag", "A flag as it is now.", {200: _REVISION}, tag=_TAG, parameters=[_FLAG], problems=[404]
        ),
        "put": operation(
            "putFlag",
            "Make or change a flag.",
            {200: _REVISION, 201: answer("The new flag.", ref("FlagRevision"), headers=["ETag", "Location"])},
            tag=_TAG,
            parameters=[_FLAG, *_BASE, IDEMPOTENCY_KEY],
            body=json_body(ref("Flag")),
            problems=_REFUSALS,
        ),
        "delete": operation(
            "deleteFlag",
            "Delete a flag; its history stays.",
            {200: _REVISION},
            tag=_TAG,
            parameters=[_FLAG, _BASE[0] | {"required": True}, IDEMPOTENCY_KEY],
            body=json_body(ref("FlagRemoval"), required=False),
            problems=_REFUSALS,
        ),
    },
    "/deploy/flags/{flag}/history": {
        "get": operation(
            "flagHistory",
            "Revisions of a flag, newest first.",
            {200: answer("A page of the history.", ref("FlagHistory"))},
            tag=_TAG,
            parameters=[_FLAG, LIMIT, CURSOR],
            problems=[404],
        )
    },
    "/ofrep/v1/evaluate/flags": {
        "post": _evaluation(
            "evaluateFlags",
            "Evaluate every flag for somebody.",
            {
                200: answer("Each flag's evaluation, or why there is none.", ref("Evaluations"), headers=["ETag"]),
                304: answer("Nothing changed.", headers=["ETag"]),
            },
            [_UNCHANGED],
        )
    },
    "/ofrep/v1/evaluate/flags/{key}": {
        "post": _evaluation(
            "evaluateFlag",
            "Evaluate one flag for somebody.",
            {
                200: answer("What they are given.", ref("Evaluation")),
                404: answer("There is no such flag.", ref("EvaluationFailure")),
            },
            [path("key", text(), "The flag's key.")],
        )
    },
}

_NAMES: Node = {"type": "array", "items": text()}

SCHEMAS: dict[str, Node] = {
    "FlagRevision": record(
        {"key": _KEY, "team": _TEAM, "revision": NUMBER, "who": text(), "at": TIME, "why": text()},
        {
            "description": text(),
            "enabled": {"type": "boolean"},
            "variants": {"type": "object"},
            "defaultVariant": text(),
            "rules": {"type": "array", "items": {"type": "object"}},
            "deleted": {"const": True},
        },
    ),
    "FlagPage": listing("flags", ref("FlagRevision"), nullable(_KEY)),
    "FlagHistory": listing("revisions", ref("FlagRevision"), nullable(NUMBER)),
    "FlagRemoval": record({}, {"why": text("^[^\\x00-\\x1f\\x7f]*$", most=500)}, closed=True),
    "EvaluationRequest": record(
        {},
        {
            "context": record(
                {}, {"targetingKey": nullable(text(most=1000)), "roles": _NAMES, "channel": text("^[^\\x00]*$")}
            )
        },
    ),
    "Evaluation": record(
        {
            "key": text(),
            "value": {},
            "variant": text(),
            "reason": {"enum": ["STATIC", "DEFAULT", "TARGETING_MATCH", "SPLIT", "DISABLED"]},
        }
    ),
    "EvaluationFailure": record(
        {
            "errorCode": {"enum": ["FLAG_NOT_FOUND", "PARSE_ERROR", "TARGETING_KEY_MISSING", "INVALID_CONTEXT"]},
            "errorDetails": text(),
        },
        {"key": text()},
    ),
    "Evaluations": record(
        {"flags": {"type": "array", "items": {"anyOf": [ref("Evaluation"), ref("EvaluationFailure")]}}}
    ),
}
