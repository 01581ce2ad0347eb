"""The deployer's API of flags as the command line uses it."""

from typing import Any
from urllib.parse import quote

import httpx

from portico.manifest.cli.client import DeployClient, Moved
from portico.manifest.cli.failure import REFUSED, UNAVAILABLE, Failure

_SHOWN_ONLY = frozenset({"$schema", "revision", "who", "at"})
"""Members that the API shows of a flag and does not take."""


class FlagClient(DeployClient):
    """Calls that concern flags. Each raises ``Failure`` with the server's own words."""

    def flags(self, team: str | None, limit: int) -> list[dict[str, Any]]:
        """List flags by key, of one team or of all."""
        params = {"limit": str(limit), **({"team": team} if team else {})}
        return list(_object(self._answer("GET", "/deploy/flags", params=params))["flags"])

    def flag(self, key: str) -> dict[str, Any]:
        """Read a flag."""
        return _object(self._answer("GET", _path(key)))

    def put(self, key: str, document: dict[str, Any], *, base: int | None, why: str) -> dict[str, Any]:
        """Make the flag (``base`` is ``None``), or change it as it was at revision ``base``."""
        body = {name: member for name, member in document.items() if name not in _SHOWN_ONLY} | {"why": why}
        headers = {"If-None-Match": "*"} if base is None else _if_match(base)
        return _object(self._answer("PUT", _path(key), json=body, headers=headers))

    def delete(self, key: str, *, base: int, why: str) -> dict[str, Any]:
        """Delete a flag as it was at revision ``base``."""
        return _object(self._answer("DELETE", _path(key), json={"why": why}, headers=_if_match(base)))

    def flag_history(self, key: str, limit: int) -> list[dict[str, Any]]:
        """List a flag's revisions, newest first."""
        path = f"{_path(key)}/history"
        return list(_object(self._answer("GET", path, params={"limit": str(limit)}))["revisions"])

    def evaluate(self, key: str, context: dict[str, Any]) -> dict[str, Any]:
        """Evaluate a flag as any OpenFeature client does."""
        path = f"/ofrep/v1/evaluate/flags/{quote(key, safe='')}"
        try:
            return _object(self._answer("POST", path, json={"context": context}))
        except Failure as failure:
            problem = failure.problem or {}
            if "errorCode" not in problem:
                raise
            message = f"{problem['errorCode']}: {problem.get('errorDetails', '')}"
            raise Failure(message, code=REFUSED, advice=_advice(problem), problem=problem) from failure

    def _answer(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            return self._call(method, path, **request)
        except Moved as moved:
            raise moved.failure from moved


def _path(key: str) -> str:
    return f"/deploy/flags/{quote(key, safe='')}"


def _if_match(base: int) -> dict[str, str]:
    return {"If-Match": f'"{base}"'}


def _advice(problem: Any) -> str:
    missing = problem["errorCode"] == "TARGETING_KEY_MISSING"
    return "say for whom: --user" if missing else "portico flags list shows the flags"


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        document = response.json()
    except ValueError:
        document = None
    if isinstance(document, dict):
        return document
    raise Failure(f"{response.request.url} does not answer as a Portico does", code=UNAVAILABLE, advice="check --url")
