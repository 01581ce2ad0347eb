"""The way to the BFFs: where they are, the tokens they are given, and the gateway in front of them."""

from __future__ import annotations

import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial

from portico.host.assembly.channel import live_releases
from portico.host.assembly.identity import Identity
from portico.host.bffs import BffDirectory, bff_settings
from portico.host.config import HostConfig, ProviderConfig
from portico.host.gateway import Breakers, Gateway, MountedBackends, OpenCalls, Rate
from portico.host.gateway.mounted import installed_bffs
from portico.host.gateway.remote import new_client
from portico.host.services import services_of
from portico.host.tokens import KeyFile, RotatingKeys, Signer, token_source
from portico.host.views import Views
from portico.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Api:
    """The gateway, and what doctors and publishers ask of it."""

    gateway: Gateway
    directory: BffDirectory
    breakers: Breakers
    keys: Signer


async def open_api(
    config: HostConfig,
    provider: ProviderConfig,
    stack: AsyncExitStack,
    *,
    identity: Identity,
    manifest: Manifest,
    views: Views,
) -> Api:
    """Open the gateway; `stack` closes its connections and the BFFs of this process."""
    sign_in = identity.sign_in
    keys = RotatingKeys(KeyFile(config.key_file("tokens"), time.time), time.time, days=config.token_key_days)
    mounted = MountedBackends(partial(bff_settings, config, provider))
    stack.push_async_callback(mounted.close)
    directory = BffDirectory(
        config,
        sees=views.call,
        live=partial(live_releases, manifest),
        mounted=mounted,
        client=await stack.enter_async_context(new_client()),
        own_bff=views.own_bff,
        services=services_of(config.services, installed_bffs()),
    )
    tokens = token_source(config, keys, sign_in.tokens, time.time)
    identity.ends.listen(tokens.forget)
    open_calls = await stack.enter_async_context(OpenCalls(sign_in.sessions.alive).verifying())
    identity.ends.listen(open_calls.end_session)
    breakers = Breakers(time.monotonic)
    gateway = Gateway(
        base_url=config.base_url,
        identify=sign_in.identify,
        tokens=tokens,
        directory=directory,
        limits=config.limits,
        open_calls=open_calls,
        breakers=breakers,
        rate=Rate("person", config.rates.person, time.monotonic),
    )
    return Api(gateway, directory, breakers, keys)
