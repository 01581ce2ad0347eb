"""Publishing releases and looking them up."""

from portico.manifest.openapi.building import (
    Node,
    answer,
    header,
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
    DIGEST,
    DRY_RUN,
    IDEMPOTENCY_KEY,
    LIMIT,
    RELEASE,
    TEXT_CURSOR,
    TIME,
    WEIGHT,
)

_TAG = "releases"
_FITS = query(
    "channel",
    text("^[a-z][a-z0-9-]{0,62}$"),
    "A channel that the release must fit into as well, with what is there now.",
)
_SHARE = query("weight", WEIGHT, "With `channel`: for how many of a hundred people it must fit. Default: 100.")
_SIGNATURE = header(
    "Portico-Signature",
    text("^keyid=[0-9a-f]{32}; sig=[A-Za-z0-9+/]{86}==$"),
    "An Ed25519 signature of the release's digest by a key of the team; `portico sign` makes it.",
)
_ARCHIVE: Node = {"type": "string", "format": "binary"}
_UPLOAD: Node = {
    "required": True,
    "content": {
        "application/gzip": {"schema": _ARCHIVE | {"description": "A .tar.gz of the built app."}},
        "multipart/form-data": {"schema": record({"archive": _ARCHIVE})},
        "application/json": {"schema": ref("SourceListing")},
    },
}
_PUBLISHED: Node = {
    "links": {
        "release": link("release", {"path.app": "$response.body#/app", "path.digest": "$response.body#/digest"}),
        "promote": link("promote", {"path.app": "$response.body#/app"}, {"release": "$response.body#/digest"}),
    }
}
_PAGE = answer("A page of releases, newest first.", ref("Releases"))

PATHS: dict[str, dict[str, Node]] = {
    "/deploy/releases": {
        "get": operation(
            "releases",
            "Releases of every app, newest first.",
            {200: _PAGE},
            tag=_TAG,
            parameters=[LIMIT, TEXT_CURSOR],
            problems=[400],
        )
    },
    "/deploy/apps/{app}/releases": {
        "get": operation(
            "releasesOfApp",
            "Releases of an app, newest first.",
            {200: _PAGE},
            tag=_TAG,
            parameters=[APP, LIMIT, TEXT_CURSOR],
            problems=[400, 404],
        ),
        "post": operation(
            "publish",
            "Publish a release. The same bytes twice are one release.",
            {
                201: answer("Published.", ref("Release"), headers=["Location", "Idempotency-Replayed"]) | _PUBLISHED,
                200: answer(
                    "It is there already; or with `dry_run`, what would be.",
                    {"anyOf": [ref("Release"), ref("Rehearsal")]},
                    headers=["Location", "Idempotency-Replayed"],
                ),
            },
            tag=_TAG,
            parameters=[APP, _FITS, _SHARE, _SIGNATURE, IDEMPOTENCY_KEY, DRY_RUN],
            body=_UPLOAD,
            problems=[400, 403, 404, 409, 413, 415],
        ),
    },
    "/deploy/apps/{app}/releases/{digest}": {
        "get": operation(
            "release",
            "A release, with its files.",
            {200: answer("The release.", ref("Release"))},
            tag=_TAG,
            parameters=[APP, RELEASE],
            problems=[404],
        )
    },
}

SCHEMAS: dict[str, Node] = {
    "SourceListing": record(
        {
            "manifest": {"type": "object", "description": "What app.json would say."},
            "files": {"type": "array", "items": ref("SourceFile"), "maxItems": 4_999},
        },
        closed=True,
    ),
    "SourceFile": record(
        {
            "path": text(most=512, description="The file's path in the release."),
            "url": text(most=2_000, description="Where it is fetched from, once; its origin must be allowed."),
        },
        {"integrity": nullable(text("^sha(256|384|512)-[A-Za-z0-9+/]+={0,2}$"))},
        closed=True,
    ),
    "Rehearsal": record(
        {"release": ref("Release")},
        {
            "changes": {"type": "array", "items": ref("Change")},
            "importMap": {"type": "object"},
            "warnings": {"type": "array", "items": record({"pointer": text(), "detail": text()})},
        },
    ),
    "Releases": listing("releases", ref("ReleaseSummary"), nullable(text())),
    "ReleaseSummary": record(
        {
            "app": text(),
            "team": text(),
            "name": text(),
            "version": text(),
            "digest": DIGEST,
            "size": {"type": "integer", "minimum": 0, "description": "Bytes of all files."},
            "createdAt": TIME,
            "creator": text(),
            "signedBy": ref("SignedBy"),
        }
    ),
}
