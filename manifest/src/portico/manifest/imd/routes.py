"""import-map-deployer's HTTP API (7.x, https://github.com/single-spa/import-map-deployer), below ``/imd``."""

from collections.abc import Mapping
from functools import partial, wraps

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portico.manifest.channel_entry import Authorship
from portico.manifest.errors import ManifestError
from portico.manifest.http.problems import Endpoint, problem_of
from portico.manifest.imd.addresses import Address, parse_address, parse_specifier
from portico.manifest.imd.bodies import Patch, map_patch, package_level, read_json, service_patch
from portico.manifest.imd.credentials import caller
from portico.manifest.imd.document import MapDocuments
from portico.manifest.imd.editing import patched, without_service
from portico.manifest.imd.errors import (
    ImdRefused,
    ImdRequestInvalid,
    UnknownEnvironment,
    UrlNotReachable,
    UrlNotTrusted,
)
from portico.manifest.imd.integrity import Digests
from portico.manifest.imd.link_check import HttpLinkCheck, LinkCheck
from portico.manifest.imd.settings import ImdSettings
from portico.manifest.manifest import Manifest
from portico.problem import Problem
from portico.sql import StoreUnavailable

PREFIX = "/imd"
MAX_BODY = 1 << 20
"""How many bytes a body may have."""

_RUNNING = {"message": "import-map-deployer is running"}


def imd_routes(manifest: Manifest, settings: ImdSettings, *, links: LinkCheck | None = None) -> list[Route]:
    """Return the façade's routes; ``links`` fetches what is put into a map."""
    facade = Facade(
        manifest, settings, links or HttpLinkCheck(trusts=settings.trusts, private=settings.allow_private_addresses)
    )
    table: tuple[tuple[str, str, Endpoint], ...] = (
        ("", "GET", facade.health),
        ("/", "GET", facade.health),
        ("/health", "GET", facade.health),
        ("/environments", "GET", facade.environments),
        ("/import-map.json", "GET", facade.show),
        ("/import-map.json", "PATCH", facade.patch_map),
        ("/services", "PATCH", facade.patch_service),
        # A scoped name arrives with its slash decoded or not, as clients and proxies like it.
        ("/services/{service:path}", "DELETE", facade.delete_service),
    )
    return [Route(PREFIX + path, _with_problems(endpoint), methods=[method]) for path, method, endpoint in table]


class Facade:
    """The calls. A body is read as JSON whatever its content type says."""

    def __init__(self, manifest: Manifest, settings: ImdSettings, links: LinkCheck) -> None:
        self._manifest = manifest
        self._settings = settings
        self._links = links
        self._documents = MapDocuments(manifest.platform, alphabetical=settings.alphabetical)

    async def health(self, _request: Request) -> Response:
        """Say that the façade is there; for anyone."""
        return JSONResponse(_RUNNING)

    async def environments(self, request: Request) -> Response:
        """List the environments."""
        await self._caller(request, changes=False)
        return JSONResponse({"environments": self._settings.environments()})

    async def show(self, request: Request) -> Response:
        """Answer the map of an environment."""
        await self._caller(request, changes=False)
        return await self._map(self._channel(request))

    async def patch_map(self, request: Request) -> Response:
        """Merge imports, scopes, integrity and unknown members into the map."""
        who = await self._caller(request, changes=True)
        channel = self._channel(request)
        patch = map_patch(read_json(await _body(request)), self._own(request))
        self._require_trust(patch, single=False)
        found = {} if _skips_check(request) else await self._links(patch.remote)
        return await self._apply(channel, patch, found, self._authorship(who, "PATCH /import-map.json"))

    async def patch_service(self, request: Request) -> Response:
        """Set one module, and the folder that it is in."""
        who = await self._caller(request, changes=True)
        channel = self._channel(request)
        level = package_level(request.query_params.get("packageDirLevel"))
        folders = self._settings.packages_via_trailing_slashes
        document = read_json(await _body(request))
        patch, address = service_patch(document, level=level if folders else None)
        self._require_trust(patch, single=True)
        found: Mapping[str, Digests] = {}
        if not _skips_check(request):
            if not address.is_remote:
                raise UrlNotReachable(
                    f"The following url in the request body is not reachable: {address.text} (it is relative to pages; "
                    "add ?skip_url_check)"
                )
            found = await self._links((address,))
        why = f"PATCH /services {document['service']}"
        return await self._apply(channel, patch, found, self._authorship(who, why))

    async def delete_service(self, request: Request) -> Response:
        """Remove one module and what is below its name; one that is not there is removed already."""
        who = await self._caller(request, changes=True)
        channel = self._channel(request)
        service = parse_specifier(request.path_params["service"], "path:service")
        by = self._authorship(who, f"DELETE /services {service}")
        await self._manifest.edit(lambda current: without_service(current, service, by), channel=channel)
        return await self._map(channel)

    async def _apply(self, channel: str, patch: Patch, found: Mapping[str, Digests], by: Authorship) -> Response:
        await self._manifest.edit(partial(patched, patch=patch, by=by, found=found), channel=channel)
        return await self._map(channel)

    async def _map(self, channel: str) -> Response:
        content = self._documents.of(await self._manifest.snapshot(channel))
        headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
        return Response(content, headers=headers, media_type="application/json")

    async def _caller(self, request: Request, *, changes: bool) -> str:
        return await caller(request, self._manifest, self._settings, changes=changes)

    def _channel(self, request: Request) -> str:
        """Return the channel of ``?env=``. A name that is not configured never means the default one."""
        environment = request.query_params.get("env")
        channel = self._settings.channel(environment)
        if channel is None:
            names = ", ".join(self._settings.locations)
            raise UnknownEnvironment(f"No such environment '{environment}'. There are: {names}.")
        return channel

    def _require_trust(self, patch: Patch, *, single: bool) -> None:
        untrusted = [address.text for address in _addresses(patch) if not self._settings.trusts(address)]
        if untrusted and single:
            raise UrlNotTrusted(f"URL is not trusted ({untrusted[0]})")
        if untrusted:
            raise UrlNotTrusted(f"The following URLs are not trusted - {', '.join(untrusted)}")

    def _own(self, request: Request) -> frozenset[str]:
        origin = parse_address(f"{request.url.scheme}://{request.url.netloc}/", "header:Host").origin
        return self._settings.page_origins | {origin}

    def _authorship(self, who: str, why: str) -> Authorship:
        return Authorship(who, self._manifest.now(), why[:500])


def _addresses(patch: Patch) -> list[Address]:
    """Return every remote address that the patch would put into a map, its folders and keys included."""
    scoped = [url for scope in patch.scopes.values() for url in (scope or {}).values()]
    return [parse_address(url, "") for url in dict.fromkeys([*patch.imports.values(), *scoped])]


def _skips_check(request: Request) -> bool:
    return request.query_params.get("skip_url_check") in {"", "true"}


async def _body(request: Request) -> bytes:
    content = bytearray()
    async for block in request.stream():
        content += block
        if len(content) > MAX_BODY:
            detail = f"At most {MAX_BODY} bytes are taken here."
            raise Problem("content-too-large", status=413, title="Content Too Large", detail=detail)
    return bytes(content)


def _with_problems(endpoint: Endpoint) -> Endpoint:
    """Turn errors into problem documents that also have ``error``, which the original's clients show."""

    @wraps(endpoint)
    async def call(request: Request) -> Response:
        try:
            return await endpoint(request)
        except StoreUnavailable as error:
            headers = {"Retry-After": "1"}
            raise Problem("store-unavailable", status=503, detail="Try again shortly.", headers=headers) from error
        except ManifestError as error:
            problem = _problem_of(error)
            problem.extensions["error"] = problem.detail
            raise problem from error

    return call


def _problem_of(error: ManifestError) -> Problem:
    if not isinstance(error, ImdRefused):
        return problem_of(error)
    place = error.pointer if isinstance(error, ImdRequestInvalid) else ""
    extensions = {"errors": [{"pointer": place, "detail": str(error)}]} if place else {}
    return Problem(
        error.code,
        status=error.status,
        title=error.title,
        detail=str(error),
        headers=dict(error.headers),
        extensions=extensions,
    )
