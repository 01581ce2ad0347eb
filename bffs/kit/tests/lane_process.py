"""A process that sends every command of some lanes until each has an answer; run twice on one file.

    python -m bffs.kit.tests.lane_process <folder> <lanes> <length>

Both send the same keys, so each command has a twin elsewhere. Prints the answers as JSON: `{key: answer}`.
"""

import asyncio
import random
import sys
from pathlib import Path

import msgspec

from bffs.kit.tests.lane_world import Lane, open_ledger

FINAL = {"applied", "replayed"}


async def main(folder: Path, lanes: int, length: int) -> None:
    store = await open_ledger(folder)
    todo = [(Lane(f"lane-{number}", client="device"), seq) for number in range(lanes) for seq in range(1, length + 1)]
    answers: dict[str, str] = {}

    async def send(lane: Lane, seq: int) -> None:
        key = f"{lane.name}-{seq}"
        answers[key] = await lane.send(store, seq, key)

    while todo:
        random.shuffle(todo)
        await asyncio.gather(*(send(lane, seq) for lane, seq in todo[:20]))
        todo = [(lane, seq) for lane, seq in todo if answers.get(f"{lane.name}-{seq}") not in FINAL]
    sys.stdout.write(msgspec.json.encode(answers).decode())
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
