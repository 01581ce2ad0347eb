"""Who may deploy: deploy tokens, signing keys, trust rules, the audit log."""

from collections.abc import Sequence

from portico.manifest.http.teams import APP as APP_NAME
from portico.manifest.http.teams import TEAM as TEAM_NAME
from portico.manifest.openapi.building import (
    Node,
    answer,
    json_body,
    listing,
    nullable,
    operation,
    path,
    record,
    ref,
    text,
)
from portico.manifest.openapi.common import LIMIT, TEXT_CURSOR, TIME

_TAG = "access"
_TEAM = path("team", text(TEAM_NAME), "The team: what stands after `@` in its apps' names.")
_ID = text(most=80)
_LABEL = text(r"^[^\x00-\x1f\x7f]*$", most=200, description="What lists and the history show.")
_TEXT: Node = {"type": "string", "minLength": 1, "maxLength": 500}
_GONE = {204: answer("Done.")}
_REFUSALS = (400, 403, 413)


def _list(id_: str, summary: str, schema: str, parameters: Sequence[Node] = ()) -> Node:
    answers = {200: answer("All of them, newest first.", ref(schema))}
    return operation(id_, summary, answers, tag=_TAG, parameters=parameters, problems=[403, 404])


PATHS: dict[str, dict[str, Node]] = {
    "/deploy/whoami": {
        "get": operation("whoami", "What the token is for.", {200: answer("The token.", ref("Bearer"))}, tag=_TAG)
        | {"description": "A CI job's own token is told from the trust rules that match it."}
    },
    "/deploy/tokens": {
        "get": _list("tokens", "Deploy tokens, without the tokens (for operators).", "Tokens"),
        "post": operation(
            "createToken",
            "Make a deploy token (for operators). The answer holds it, this once.",
            {201: answer("The token.", ref("CreatedToken"))},
            tag=_TAG,
            body=json_body(ref("NewToken")),
            problems=_REFUSALS,
        ),
    },
    "/deploy/tokens/{token}": {
        "delete": operation(
            "revokeToken",
            "Revoke a deploy token (for operators).",
            _GONE,
            tag=_TAG,
            parameters=[path("token", _ID, "The token's `id`.")],
            problems=[403, 404],
        )
    },
    "/deploy/teams/{team}/keys": {
        "get": _list("keys", "A team's signing keys, revoked ones too.", "Keys", [_TEAM]),
        "post": operation(
            "addKey",
            "Let a key sign the team's releases (for operators).",
            {201: answer("Added.", ref("Key")), 200: answer("It is there already.", ref("Key"))},
            tag=_TAG,
            parameters=[_TEAM],
            body=json_body(ref("NewKey")),
            problems=[*_REFUSALS, 404],
        ),
    },
    "/deploy/teams/{team}/keys/{key}": {
        "delete": operation(
            "revokeKey",
            "Revoke a signing key (for operators): what it signed does not count any more.",
            _GONE,
            tag=_TAG,
            parameters=[_TEAM, path("key", _ID, "The key's `id`.")],
            problems=[403, 404],
        )
    },
    "/deploy/teams/{team}/signatures": {
        "get": operation(
            "signatures",
            "Whether the team takes signed releases alone.",
            {200: answer("As it is now.", ref("Signatures"))},
            tag=_TAG,
            parameters=[_TEAM],
            problems=[403, 404],
        ),
        "put": operation(
            "requireSignatures",
            "Say whether the team takes signed releases alone (for operators).",
            {200: answer("As it is now.", ref("Signatures"))},
            tag=_TAG,
            parameters=[_TEAM],
            body=json_body(ref("Signatures")),
            problems=[*_REFUSALS, 404],
        ),
    },
    "/deploy/trust": {
        "get": _list("trustRules", "Trust rules for CI jobs.", "TrustRules"),
        "post": operation(
            "addTrustRule",
            "Let a CI's jobs deploy with their own tokens (for operators).",
            {201: answer("The rule.", ref("TrustRule")), 200: answer("It is there already.", ref("TrustRule"))},
            tag=_TAG,
            body=json_body(ref("NewTrustRule")),
            problems=_REFUSALS,
        ),
    },
    "/deploy/trust/{rule}": {
        "delete": operation(
            "removeTrustRule",
            "Remove a trust rule (for operators).",
            _GONE,
            tag=_TAG,
            parameters=[path("rule", _ID, "The rule's `id`.")],
            problems=[403, 404],
        )
    },
    "/deploy/audit": {
        "get": operation(
            "audit",
            "Who let whom deploy, newest first. An operator reads all of it, a team what is about itself.",
            {200: answer("A page of entries.", ref("AuditEntries"))},
            tag=_TAG,
            parameters=[LIMIT, TEXT_CURSOR],
            problems=[400, 403],
        )
    },
}

_TOKEN: dict[str, Node] = {
    "id": text(),
    "team": text(),
    "app": nullable(text()),
    "label": text(),
    "state": {"enum": ["usable", "revoked", "expired"]},
    "createdAt": TIME,
    "expiresAt": TIME,
    "lastUsedAt": nullable(TIME),
}
_SCOPE = record({"team": text(), "app": nullable(text())})
_RULE: dict[str, Node] = {
    "team": text(TEAM_NAME),
    "issuer": text(most=500, description="Its URL: https, or http on this machine."),
    "audience": _TEXT,
    "subject": text(most=500, description="`*` stands for any characters but `:`."),
}
_RULE_MORE: dict[str, Node] = {
    "app": nullable(text(APP_NAME, description="The one app that the rule is for; without, every app of the team.")),
    "claims": {"type": "object", "additionalProperties": _TEXT, "propertyNames": _TEXT, "maxProperties": 20},
    "label": _LABEL,
}

SCHEMAS: dict[str, Node] = {
    "Token": record(_TOKEN),
    "Tokens": record({"tokens": {"type": "array", "items": ref("Token")}}),
    "CreatedToken": record({**_TOKEN, "token": text("^portico_", description="It is not shown again.")}),
    "Bearer": record({**_TOKEN, "operator": {"type": "boolean"}, "scopes": {"type": "array", "items": _SCOPE}}),
    "NewToken": record(
        {"team": {"anyOf": [text(TEAM_NAME), {"const": "*"}]}},
        {
            "app": nullable(text(APP_NAME)),
            "label": _LABEL,
            "days": {"type": "integer", "minimum": 1, "maximum": 3650, "default": 90},
        },
        closed=True,
    ),
    "Key": record({"id": text(), "team": text(), "label": text(), "createdAt": TIME, "revokedAt": nullable(TIME)}),
    "Keys": record({"keys": {"type": "array", "items": ref("Key")}}),
    "NewKey": record(
        {"publicKey": text(most=2000, description="An Ed25519 public key in PEM.")}, {"label": _LABEL}, closed=True
    ),
    "Signatures": record({"required": {"type": "boolean"}}, closed=True),
    "TrustRule": record({**_RULE, **_RULE_MORE, "id": text(), "createdAt": TIME}),
    "TrustRules": record({"rules": {"type": "array", "items": ref("TrustRule")}}),
    "NewTrustRule": record(_RULE, _RULE_MORE, closed=True),
    "AuditEntries": listing("entries", ref("AuditEntry"), nullable(text())),
    "AuditEntry": record(
        {
            "id": text(),
            "at": TIME,
            "who": text(),
            "token": text(),
            "action": text(),
            "team": text(),
            "subject": text(),
            "detail": {"type": "object"},
        }
    ),
    "SignedBy": {
        "type": "array",
        "items": record(
            {
                "key": text("^[0-9a-f]{32}$"),
                "label": text(),
                "signature": text(description="Ed25519, base64."),
                "at": TIME,
                "revoked": {"type": "boolean"},
            }
        ),
    },
}
