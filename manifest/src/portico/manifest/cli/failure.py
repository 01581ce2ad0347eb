"""How a command ends badly: what happened, where, what to do next, and an exit code that scripts can rely on."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, NoReturn, ParamSpec

import click

from portico.manifest.cli.plain import plain
from portico.manifest.errors import Finding, Refused

REFUSED = 1
USAGE = 2
UNAUTHORISED = 3
CONFLICT = 4
UNAVAILABLE = 5

_NEXT = {
    "app-name-taken": "choose another short name in app.json",
    "invalid-app-manifest": "mend app.json and build again; see docs/reference/app-manifest.md",
    "flag-conflict": "look at what changed (portico flags history) and run the command again",
    "invalid-archive": "pack the inside of the built folder as .tar.gz; portico deploy does",
    "invalid-channel": "mend the places named, or deploy what is missing first (shared libraries before their users)",
    "invalid-flag": "mend the places named; see docs/reference/flags.md",
    "invalid-release": "mend the places named and build again",
    "invalid-source": "mend the places named; an operator allows origins with PORTICO_RELEASE_ORIGINS",
    "invalid-token": "ask an operator for a new one: portico tokens create --team <team>",
    "issuer-unavailable": "try again shortly; an operator sees in the log why the issuer cannot be used",
    "not-an-operator": "ask an operator, or use a token for every team",
    "not-your-app": "use a token of the app's team",
    "not-your-flag": "use a token of the flag's team",
    "revision-conflict": "look at what changed (portico history) and run the command again",
    "signature-invalid": "sign what you send, with a key of the app's team: portico deploy --sign KEY",
    "signature-key-revoked": "sign with another key of the team (portico keys list) and deploy again",
    "signature-required": "sign it: portico deploy --sign KEY",
    "unknown-app": "portico releases lists what was published",
    "unknown-key": "portico keys list shows them",
    "unknown-flag": "portico flags list shows the flags",
    "unknown-release": "portico releases lists what was published",
    "unknown-revision": "portico history lists the revisions",
    "unknown-token": "portico tokens list shows them",
    "unknown-trust-rule": "portico trust list shows them",
    "upload-too-large": "leave out what the browser does not need, such as source maps",
    "version-taken": "raise the version in app.json and build again",
}
_CODES = {401: UNAUTHORISED, 403: UNAUTHORISED, 409: CONFLICT, 412: CONFLICT}

P = ParamSpec("P")


class Failure(Exception):
    """A command that did not do what it was asked, with an exit code from above.

    ``findings`` are places and what is wrong there; ``problem`` is the server's problem document when it sent one.
    """

    def __init__(
        self,
        message: str,
        *,
        code: int,
        advice: str = "",
        findings: Sequence[Finding] = (),
        problem: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.advice = advice
        self.findings = tuple(findings)
        self.problem = problem

    @classmethod
    def usage(cls, message: str, advice: str) -> "Failure":
        """The command cannot start: something is not given or not there."""
        return cls(message, code=USAGE, advice=advice)

    @classmethod
    def unauthorised(cls, message: str, advice: str) -> "Failure":
        """There is no token, or not one that may do this."""
        return cls(message, code=UNAUTHORISED, advice=advice)

    @classmethod
    def refused(cls, error: Refused) -> "Failure":
        """What was to be sent is wrong, seen before it was sent."""
        advice = _NEXT.get(error.code, "")
        return cls("the built app cannot be deployed", code=REFUSED, advice=advice, findings=error.findings)

    @classmethod
    def from_problem(cls, status: int, problem: Mapping[str, Any]) -> "Failure":
        """The server answered with a problem document (RFC 9457)."""
        slug = str(problem.get("type", "")).rpartition("/")[2]
        errors = [
            Finding(str(error.get("pointer", "")), str(error.get("detail", "")))
            for error in problem.get("errors", ())
            if isinstance(error, dict)
        ]
        title = str(problem.get("title") or f"the server answered {status}")
        detail = problem.get("detail")
        message = title if errors or not detail else f"{title}: {detail}"
        code = UNAVAILABLE if status >= 500 else _CODES.get(status, REFUSED)
        advice = _NEXT.get(slug, "try again shortly" if status >= 500 else "")
        if any(error.pointer == "/weight" for error in errors):
            advice = "choose another --weight; without it everyone gets the release"
        return cls(message, code=code, advice=advice, findings=errors, problem=problem)

    def is_problem(self, slug: str) -> bool:
        """Tell whether the server answered with the problem of this name."""
        return self.problem is not None and str(self.problem.get("type", "")).endswith(f"/{slug}")

    def document(self) -> dict[str, Any]:
        """Return what ``--json`` prints: the problem document where there is one."""
        if self.problem is not None:
            return {"error": dict(self.problem)}
        errors = [{"pointer": finding.pointer, "detail": finding.detail} for finding in self.findings]
        return {"error": {"title": self.message, "errors": errors}}


def reports_failures(command: Callable[P, None]) -> Callable[P, None]:
    """End a command that raises ``Failure`` as people and, with ``--json``, scripts want it."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except Failure as failure:
            _end(failure, as_json=bool(kwargs.get("as_json")))

    return run


def _end(failure: Failure, *, as_json: bool) -> NoReturn:
    if as_json:
        click.echo(json.dumps(failure.document(), indent=2))
    else:
        click.secho(f"portico: {plain(failure.message)}", err=True, bold=True)
        whole = "the flag" if failure.is_problem("invalid-flag") else "app.json"
        for finding in failure.findings:
            click.echo(f"  {plain(finding.pointer or whole)}: {plain(finding.detail)}", err=True)
        if failure.advice:
            click.echo(f"  next: {failure.advice}", err=True)
    click.get_current_context().exit(failure.code)
