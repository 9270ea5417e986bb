"""`python -m sandbox`: both servers in one process until SIGTERM or Ctrl-C."""

import asyncio
import signal
import sys

from sandbox.server import running
from sandbox.settings import Settings, from_environment


async def serve(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with running(settings):
        print(f"sandbox listening, smtp {settings.smtp_port}, http {settings.http_port}", flush=True)
        await stop.wait()


def main() -> None:
    settings = from_environment()
    try:
        asyncio.run(serve(settings))
    except OSError as problem:
        sys.exit(f"The sandbox cannot listen on {settings.smtp_port} or {settings.http_port}: {problem}.")


if __name__ == "__main__":
    main()
