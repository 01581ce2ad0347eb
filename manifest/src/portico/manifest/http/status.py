"""``GET /deploy/status``: which version answers, what time it has, and how its parts are."""

from importlib.metadata import version

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portico.manifest.diagnosis import Diagnose, Diagnosis
from portico.manifest.http.auth import authenticate
from portico.manifest.http.problems import with_problems
from portico.manifest.manifest import LIVE, Manifest


def status_routes(manifest: Manifest, diagnose: Diagnose) -> list[Route]:
    """Return the route. It wants a deploy token, so the database has answered when it answers."""

    async def status(request: Request) -> Response:
        await authenticate(request, manifest)
        revision = await manifest.store.head(LIVE)
        own = Diagnosis("database", "ok", f"channel {LIVE} is at revision {revision}")
        parts = [own, *await diagnose()]
        document = {
            "version": version("portico"),
            "time": manifest.now().isoformat(timespec="milliseconds"),
            "checks": [{"name": one.name, "state": one.state, "detail": one.detail} for one in parts],
        }
        return JSONResponse(document, headers={"Cache-Control": "no-store"})

    return [Route("/deploy/status", with_problems(status), methods=["GET"])]
