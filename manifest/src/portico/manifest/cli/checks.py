"""What ``portico doctor`` looks at, one function for each thing; each returns what it found."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

import httpx

from portico.manifest.cli.client import redirected
from portico.manifest.diagnosis import State

_SKEW_TOLD, _SKEW_BAD = timedelta(seconds=5), timedelta(seconds=60)
_EXPIRES_SOON = timedelta(days=7)
_MISDIRECTED = 421
_ADVICE = {
    "database": "look at the server's log and PORTICO_MANIFEST_DATABASE",
    "event hub": "look at NATS_URL and whether the hub runs; events wait in each BFF's store meanwhile",
    "sign-in": "set OIDC_ISSUER and its client before anybody else comes here",
    "issuer": "nobody can sign in meanwhile; look at OIDC_ISSUER, and at whether this host reaches the provider",
    "security.txt": "set PORTICO_SECURITY_CONTACT, for example to mailto:security@example.com",
    "bff": "look at the host's log; PORTICO_BFF_URLS says where BFFs are that run elsewhere",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One line: what was looked at, how it is, and what to do when it is not well."""

    name: str
    state: State
    detail: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """A client for a platform, the deploy token for it, and this machine's time."""

    http: httpx.Client
    token: str
    now: datetime

    def get(self, path: str) -> httpx.Response:
        """Ask with the deploy token; raises ``httpx.HTTPError``."""
        return self.http.get(path, headers={"Authorization": f"Bearer {self.token}", "Accept": "application/json"})


def examine(visit: Visit) -> list[Check]:
    """Return every check; only the first when nobody answers."""
    try:
        described = visit.get("/deploy/openapi.json")
    except httpx.HTTPError as error:
        detail = f"no answer from {visit.http.base_url}: {str(error) or type(error).__name__}"
        return [Check("reachable", "fail", detail, "is Portico running there? Check --url, and what stands between")]
    if described.status_code == _MISDIRECTED:
        return [_misdirected(visit)]
    if address := redirected(described):
        detail = f"{visit.http.base_url} sends to {address}, and a deploy token is not sent on"
        return [Check("reachable", "fail", detail, f"give --url {address}")]
    if not described.is_success or not isinstance(_json(described).get("info"), dict):
        detail = f"{described.url} answered {described.status_code}, and not as a Portico does"
        return [Check("reachable", "fail", detail, "check --url, and that the proxy passes /deploy on as it is")]
    try:
        return [
            Check("reachable", "ok", str(visit.http.base_url)),
            _versions(str(_json(described)["info"].get("version"))),
            *_name(visit, described),
            *_token_and_parts(visit),
            _worker(visit),
            page_headers(visit),
        ]
    except httpx.HTTPError as error:
        detail = f"{type(error).__name__} in the middle of it: {error}"
        return [Check("reachable", "fail", detail, "run it again; look at the server's log when it stays")]


def _versions(theirs: str) -> Check:
    ours = version("portico")
    if theirs.split(".")[:2] == ours.split(".")[:2]:
        return Check("versions", "ok", f"{theirs} there, {ours} here")
    advice = f"pip install portico=={theirs}, so that both understand each other"
    return Check("versions", "warn", f"{theirs} there, {ours} here", advice)


def _misdirected(visit: Visit) -> Check:
    host = urlsplit(str(visit.http.base_url)).netloc
    advice = f"use the platform's own URL, or set PORTICO_BASE_URL; a proxy must pass Host: {host} on as it is"
    return Check("name", "fail", f"the platform does not answer to the name {host}", advice)


def _name(visit: Visit, response: httpx.Response) -> Iterator[Check]:
    """Whether the platform knows under which name and scheme it is reached; a wrong one loses sessions."""
    base = visit.http.base_url
    if base.scheme == "https" and "strict-transport-security" not in response.headers:
        detail = "reached by https, and the platform does not know it: no Strict-Transport-Security"
        yield Check("name", "warn", detail, "set PORTICO_BASE_URL to the https URL that people see")
    else:
        yield Check("name", "ok", f"answers to {base.netloc.decode()} by {base.scheme}")


def _token_and_parts(visit: Visit) -> Iterator[Check]:
    response = visit.get("/deploy/whoami")
    document = _json(response)
    if not response.is_success:
        detail = str(document.get("detail") or document.get("title") or f"answered {response.status_code}")
        if response.status_code == 401:
            yield Check("token", "fail", detail, "ask an operator for a new one: portico tokens create --team <team>")
        else:
            yield Check("database", "fail", detail, _ADVICE["database"])
        return
    yield _token(document, visit.now)
    status = visit.get("/deploy/status")
    if not status.is_success:
        detail = str(_json(status).get("detail") or f"answered {status.status_code}")
        yield Check("database", "fail", detail, _ADVICE["database"])
        return
    yield _clock(_json(status), visit.now)
    yield from map(_part, _json(status).get("checks", ()))


def _token(document: Mapping[str, Any], now: datetime) -> Check:
    scope = f"app {document['app']}" if document.get("app") else f"team {document['team']}"
    whose = "every team" if document.get("operator") else scope
    left = datetime.fromisoformat(str(document["expiresAt"])) - now
    detail = f"{document['label']!r}, for {whose}, until {str(document['expiresAt'])[:10]}"
    if left < _EXPIRES_SOON:
        return Check("token", "warn", detail, "ask an operator for the next one: portico tokens create")
    return Check("token", "ok", detail)


def _clock(status: Mapping[str, Any], now: datetime) -> Check:
    skew = abs(datetime.fromisoformat(str(status["time"])) - now)
    seconds = f"{skew.total_seconds():.0f} seconds apart"
    if skew <= _SKEW_TOLD:
        return Check("clock", "ok", "the same time here and there")
    advice = "let both machines keep time by NTP: tokens and signatures of a wrong time are refused"
    return Check("clock", "fail" if skew > _SKEW_BAD else "warn", seconds, advice)


def _part(one: Mapping[str, Any]) -> Check:
    name, state = str(one.get("name")), one.get("state")
    kind = "bff" if name.startswith(("bff ", "service ")) else name
    if state == "ok":
        return Check(name, "ok", str(one.get("detail", "")))
    return Check(name, "warn" if state == "warn" else "fail", str(one.get("detail", "")), _ADVICE.get(kind, ""))


def _worker(visit: Visit) -> Check:
    """A worker that is cached or has the wrong headers keeps pages of old: nobody sees the next deploy."""
    response = visit.get("/_portico/worker.js")
    if response.status_code == 404:
        return Check("worker", "ok", "none: a deployer without a host")
    wrong = [name for name, wanted in _WORKER_HEADERS.items() if wanted not in response.headers.get(name, "")]
    if response.is_success and not wrong:
        return Check("worker", "ok", "served with the headers that it needs")
    detail = f"answered {response.status_code}; wrong: {', '.join(wrong) or 'the status'}"
    return Check("worker", "fail", detail, "let the proxy pass /_portico/ on as it is, headers and all, uncached")


def page_headers(visit: Visit) -> Check:
    """A proxy that takes the host's security headers away, or puts its own in their place, undoes them."""
    response = visit.http.get("/", headers={"Accept": "text/html"})
    if not response.headers.get("content-type", "").startswith("text/html"):
        return Check("page headers", "ok", "none: a deployer without a host")
    wanted = dict(_PAGE_HEADERS)
    if visit.http.base_url.scheme == "https":
        wanted["strict-transport-security"] = "max-age="
    wrong = [name for name, part in wanted.items() if part not in response.headers.get(name, "")]
    if not wrong:
        return Check("page headers", "ok", "pages have their security headers")
    return Check("page headers", "fail", f"wrong: {', '.join(wrong)}", "let the proxy pass the host's headers on alone")


_PAGE_HEADERS = {
    "content-security-policy": "'strict-dynamic'",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "origin",
    "permissions-policy": "camera=()",
}
_WORKER_HEADERS = {"content-type": "text/javascript", "cache-control": "no-cache", "service-worker-allowed": "/"}


def _json(response: httpx.Response) -> Mapping[str, Any]:
    try:
        document = response.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
