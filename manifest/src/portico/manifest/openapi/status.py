"""How the platform is, for ``portico doctor``."""

from portico.manifest.openapi.building import Node, answer, operation, record, ref, text
from portico.manifest.openapi.common import TIME

PATHS: dict[str, dict[str, Node]] = {
    "/deploy/status": {
        "get": operation(
            "status",
            "Which version answers, what time it has, and how its parts are.",
            {200: answer("How it is.", ref("Status"))},
            tag="status",
        )
    },
}

SCHEMAS: dict[str, Node] = {
    "Status": record({"version": text(), "time": TIME, "checks": {"type": "array", "items": ref("Diagnosis")}}),
    "Diagnosis": record({"name": text(), "state": {"enum": ["ok", "warn", "fail"]}, "detail": text()}),
}
