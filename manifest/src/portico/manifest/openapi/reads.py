"""``/importmap.json``, ``/apps.json``, ``/mount-points.json``: what anyone may read of a channel."""

from portico.manifest.openapi.building import Node, answer, header, nullable, operation, query, record, ref, text
from portico.manifest.openapi.common import DIGEST, NUMBER, OF_CHANNEL

_SINCE = header("If-None-Match", text(), "An `ETag` of an earlier answer; 304 when nothing changed.")
_REVISION = query("revision", NUMBER, "An older revision; the current one without.")
_COHORT = query(
    "cohort",
    {"type": "string", "minLength": 1, "maxLength": 200},
    "A visitor's key, `sub:<sub>` or `anon:<id>`: what that visitor is shown while releases are weighted.",
)
_LINK = text("^(/|https?://)")
_INTEGRITY = text("^sha384-[A-Za-z0-9+/]{64}$")
_TEXTS: Node = {"type": "object", "additionalProperties": text()}


def _read(id_: str, summary: str, schema: str, media_type: str = "application/json") -> Node:
    answers = {
        200: answer("As it is now.", ref(schema), media_type=media_type, headers=["ETag"]),
        304: answer("Nothing changed.", headers=["ETag"]),
    }
    return operation(
        id_,
        summary,
        answers,
        tag="read",
        parameters=[OF_CHANNEL, _REVISION, _COHORT, _SINCE],
        problems=[404, 422],
        public=True,
    )


PATHS: dict[str, dict[str, Node]] = {
    "/importmap.json": {
        "get": _read("importMap", "The import map of a channel.", "ImportMap", "application/importmap+json")
    },
    "/apps.json": {"get": _read("apps", "The apps of a channel.", "Apps")},
    "/mount-points.json": {"get": _read("mountPoints", "What apps offer to mount points.", "MountPoints")},
}

SCHEMAS: dict[str, Node] = {
    "Apps": record({"revision": NUMBER, "apps": {"type": "array", "items": ref("App")}}),
    "App": record(
        {
            "name": text(),
            "app": text(),
            "version": text(),
            "release": DIGEST,
            "entry": nullable(_LINK),
            "styles": {"type": "array", "items": record({"href": _LINK, "integrity": _INTEGRITY})},
            "routes": {"type": "array", "items": ref("AppRoute")},
            "bff": nullable(text("^/api/")),
        }
    ),
    "AppRoute": record(
        {"path": text(), "slot": text(), "access": text()},
        {"roles": {"type": "array", "items": text()}, "title": text(), "titles": _TEXTS},
    ),
    "MountPoints": record(
        {
            "revision": NUMBER,
            "mountPoints": {
                "type": "object",
                "additionalProperties": {"type": "array", "items": ref("MountPointEntry")},
            },
        }
    ),
    "MountPointEntry": record(
        {
            "app": text(),
            "key": text(),
            "order": {"type": "number"},
            "label": nullable(text()),
            "href": nullable(text()),
            "signedIn": {"type": "boolean"},
            "roles": {"type": "array", "items": text()},
        },
        {"icon": text(), "labels": _TEXTS},
    ),
}
