"""What reaches people by itself: live streams while a page is open, messages for a closed browser."""

from __future__ import annotations

from contextlib import AsyncExitStack
from functools import partial

from portico.host.assembly.channel import flag_changes, revision
from portico.host.assembly.identity import Identity
from portico.host.channel_watch import ChannelWatch
from portico.host.config import HostConfig
from portico.host.live import Live
from portico.host.push import Push, PushHosts
from portico.host.tokens import HostKeys
from portico.manifest import Manifest


async def open_live(config: HostConfig, identity: Identity, manifest: Manifest, stack: AsyncExitStack) -> Live:
    """Start reading the hub for everybody on a live stream here, and telling them of the channel's changes."""
    live = Live(config.nats_url, region=config.region, alive=identity.sign_in.sessions.alive)
    identity.ends.listen(live.end_session)
    stack.push_async_callback(live.stop)
    live.start()
    await stack.enter_async_context(ChannelWatch(partial(revision, manifest), live.channel_changed).watching())
    await stack.enter_async_context(ChannelWatch(partial(flag_changes, manifest), live.flags_changed).watching())
    return live


async def open_push(config: HostConfig, identity: Identity, stack: AsyncExitStack) -> Push:
    """Start sending to closed browsers, by the people's own choice."""
    push = Push(
        config.nats_url,
        database=identity.database,
        seal=identity.seal,
        keys=HostKeys.open(config.key_file("push")),
        hosts=PushHosts(config.push_hosts),
        base_url=config.base_url,
        identify=identity.sign_in.identify,
    )
    return await stack.enter_async_context(push)
