"""Telling apart who was cancelled."""

import asyncio

import pytest

from portico.bff.cancellation import ends_this_task, heed_cancellation


async def test_a_cancelled_answer_is_not_the_end_of_who_waits_for_it() -> None:
    answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    answer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await answer
    assert not ends_this_task()
    heed_cancellation()


async def test_a_swallowed_cancellation_is_heeded_later() -> None:
    began, seen = asyncio.Event(), list[bool]()

    async def swallow() -> None:
        try:
            began.set()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            seen.append(ends_this_task())
        heed_cancellation()
        seen.append(False)

    task = asyncio.create_task(swallow())
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == [True]
