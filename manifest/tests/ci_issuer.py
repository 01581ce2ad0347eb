"""A CI's identity provider on this machine: a real HTTP server with discovery, keys, and tokens for jobs."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwk, jws

from manifest.tests.manifest_world import NOON

AUDIENCE = "https://portico.example"
SUBJECT = "repo:sales/shop:ref:refs/heads/main"
_REGISTRY = jws.JWSRegistry(algorithms=["RS256", "PS256", "ES256", "Ed25519", "HS256", "RS512"])


def new_key(kind: str, kid: str) -> jwk.Key:
    parameters: jwk.KeyParameters = {"kid": kid}
    match kind:
        case "rsa":
            return jwk.RSAKey.generate_key(2048, parameters, auto_kid=False)
        case "ec":
            return jwk.ECKey.generate_key("P-256", parameters, auto_kid=False)
        case _:
            return jwk.OKPKey.generate_key("Ed25519", parameters, auto_kid=False)


@cache
def published_keys() -> tuple[jwk.Key, ...]:
    return tuple(new_key(kind, f"{kind}-1") for kind in ("ec", "rsa", "okp"))


def job_claims(issuer: str, **changes: Any) -> dict[str, Any]:
    """What a CI says of a job; ``None`` leaves a claim out."""
    now = int(NOON.timestamp())
    claims = {"iss": issuer, "aud": AUDIENCE, "sub": SUBJECT, "iat": now, "nbf": now, "exp": now + 300} | changes
    return {name: value for name, value in claims.items() if value is not None}


def signed(claims: Mapping[str, Any], key: jwk.Key, algorithm: str, **header: Any) -> str:
    protected = {"alg": algorithm, "kid": key.kid, "typ": "JWT"} | header
    protected = {name: value for name, value in protected.items() if value is not None}
    return jws.serialize_compact(protected, json.dumps(dict(claims)).encode(), key, registry=_REGISTRY)


@dataclass
class CiIssuer:
    """The provider: ``keys`` are published, ``asked`` counts requests by path, ``answers`` replace documents."""

    url: str = ""
    keys: list[jwk.Key] = field(default_factory=list)
    asked: dict[str, int] = field(default_factory=dict)
    answers: dict[str, tuple[int, bytes, Mapping[str, str]]] = field(default_factory=dict)

    def document(self, path: str) -> tuple[int, bytes, Mapping[str, str]]:
        self.asked[path] = self.asked.get(path, 0) + 1
        if path in self.answers:
            return self.answers[path]
        if path == "/.well-known/openid-configuration":
            return 200, json.dumps({"issuer": self.url, "jwks_uri": f"{self.url}/keys"}).encode(), {}
        if path == "/keys":
            return 200, json.dumps({"keys": [key.as_dict(private=False) for key in self.keys]}).encode(), {}
        return 404, b"", {}

    def token(self, algorithm: str = "ES256", key: jwk.Key | None = None, **claims: Any) -> str:
        return signed(job_claims(self.url, **claims), key or self.keys[0], algorithm)


@contextmanager
def ci_issuer() -> Iterator[CiIssuer]:
    issuer = CiIssuer(keys=list(published_keys()))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body, headers = issuer.document(self.path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        issuer.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield issuer
        finally:
            server.shutdown()
            thread.join()
