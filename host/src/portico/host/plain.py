"""Plain pages: outside the shell, without script, with one style sheet inside, under a nonce."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from portico.host.language import ENGLISH, Language
from portico.host.security import new_nonce


class PlainPages:
    """The pages of one package: its own `templates`, which extend the shared `base.html.j2`."""

    def __init__(self, package: str) -> None:
        self._environment = Environment(
            loader=ChoiceLoader([PackageLoader(package), PackageLoader("portico.host", "templates/plain")]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
        )

    def response(
        self,
        template: str,
        *,
        status: int = 200,
        form_targets: Iterable[str] = (),
        language: Language = ENGLISH,
        **context: Any,
    ) -> HTMLResponse:
        """One page as a response that nobody stores or frames. Templates say their sentences through `language`.

        `form_targets` are URLs that the answer to the page's form may redirect to: browsers hold redirects after a
        form to `form-action` as well.
        """
        nonce = new_nonce()
        origins = " ".join(sorted({_origin(url) for url in form_targets}))
        policy = (
            f"default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; frame-ancestors 'none'; "
            f"form-action 'self' {origins}".rstrip()
        )
        headers = {
            "Content-Security-Policy": policy,
            "Cache-Control": "no-store",
            "Vary": "Accept-Language, Cookie",
            "Referrer-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        }
        page = self._environment.get_template(template).render(nonce=nonce, language=language, **context)
        return HTMLResponse(page, status, headers)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
