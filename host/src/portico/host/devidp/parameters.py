"""Request parameters: from the query or a form, each at most once (RFC 6749, 3.1; `resource`: RFC 8707)."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.requests import Request

from portico.host.devidp.errors import PageRefusal

Parameters = dict[str, str]
_REPEATED = "resource"  # RFC 8707, 2: may come many times; kept as one text with spaces between, as URIs have none
_BODY_LIMIT = 64 * 1024  # bytes


async def read_parameters(request: Request) -> Parameters:
    """The parameters of a GET's query or a POST's form; raises PageRefusal when malformed, repeated or too many."""
    if request.method == "POST":
        return parse(await _body(request))
    return parse(request.url.query)


async def read_form(request: Request) -> Parameters:
    """The parameters of a form, and never of the query; raises PageRefusal."""
    return parse(await _body(request))


def parse(text: str) -> Parameters:
    """`a=1&b=2` as a mapping; empty values count as absent (RFC 6749, 3.1)."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text), errors="strict", max_num_fields=50)
    except ValueError as error:
        raise PageRefusal("The request's parameters are malformed.") from error
    parameters: Parameters = {}
    for name, value in pairs:
        if name in parameters and name != _REPEATED:
            raise PageRefusal("The request has a parameter twice.")
        parameters[name] = f"{parameters[name]} {value}" if name in parameters else value
    return {name: value for name, value in parameters.items() if value}


async def _body(request: Request) -> str:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise PageRefusal("The request must be a form.")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _BODY_LIMIT:
            raise PageRefusal("The request is too large.")
    try:
        return body.decode("ascii")
    except UnicodeDecodeError as error:
        raise PageRefusal("The request's parameters are malformed.") from error
