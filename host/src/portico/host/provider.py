"""Which OpenID provider signs people in: the configured one, or the development provider inside this host."""

from __future__ import annotations

import time
from contextlib import AsyncExitStack
from secrets import token_urlsafe
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount

from portico.host.config import HostConfig, ProviderConfig
from portico.host.devidp import DevClient, DevProviderConfig, create_dev_provider
from portico.host.people import read_people
from portico.host.session import CALLBACK_PATH
from portico.host.tokens import AUDIENCE_PREFIX, KeyFile, RotatingKeys

DEV_PROVIDER_PATH = "/dev-idp"


async def open_provider(config: HostConfig, stack: AsyncExitStack) -> tuple[ProviderConfig, list[BaseRoute]]:
    """The provider to use, and the routes to mount for it: none, unless it is the development provider.

    Raises:
        ConfigurationError: there is no provider, and the host is not on loopback, where anyone may sign in as anyone.
    """
    if config.provider is not None:
        return config.provider, []
    provider = ProviderConfig(
        issuer=f"{config.base_url}{DEV_PROVIDER_PATH}", client_id="portico", client_secret=token_urlsafe(32)
    )
    app = dev_provider(config, provider)
    await stack.enter_async_context(app.router.lifespan_context(app))
    return provider, [Mount(DEV_PROVIDER_PATH, app=app)]


def dev_provider(config: HostConfig, provider: ProviderConfig) -> Starlette:
    """The development provider that this host is to find at `provider`; raises ConfigurationError as above."""
    return create_dev_provider(
        DevProviderConfig(
            issuer=provider.issuer,
            address=urlsplit(config.base_url).hostname or "",
            people=read_people(config.people_file),
            clients=[
                DevClient(
                    client_id=provider.client_id,
                    client_secret=provider.client_secret,
                    redirect_uris=(f"{config.base_url}{CALLBACK_PATH}",),
                    post_logout_redirect_uris=(f"{config.base_url}/",),
                    resources=(f"{AUDIENCE_PREFIX}*",),
                    backchannel_logout_uri=f"{config.base_url}/auth/backchannel-logout",
                )
            ],
            data_dir=config.data_dir / "dev-idp",
        ),
        keys=RotatingKeys(KeyFile(config.key_file("dev-idp"), time.time), time.time, days=config.token_key_days),
    )
