"""A deployer in a process of its own, over a folder and, second, a database; it prints its URL once it answers."""

import asyncio
import signal
import sys
from pathlib import Path

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server

from e2e.stack import free_port
from manifest.tests.manifest_world import PLATFORM
from portico.manifest import Manifest, create_deployer


async def accepting(port: int) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            await asyncio.sleep(0.01)
        else:
            writer.close()
            return


async def main(folder: Path, database: str) -> None:
    async with await Manifest.open(database, folder / "assets", platform=PLATFORM) as manifest:
        port = free_port()
        app = create_deployer(manifest)
        server = Server(app, address="127.0.0.1", port=port, interface=Interfaces.ASGI, log_level=LogLevels.error)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop)
        serving = asyncio.create_task(server.serve())
        await accepting(port)
        print(f"http://127.0.0.1:{port}", flush=True)  # noqa: T201 - how the parent learns the port
        await serving


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{sys.argv[1]}/manifest.db"))
