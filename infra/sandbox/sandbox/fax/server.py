"""The fax gateway and its tray put together, inside the sandbox's servers."""

from aiohttp import web

from sandbox.fax import pages
from sandbox.fax.gateway import FaxGateway
from sandbox.receipts import Receipts

ROUTES = pages.ROUTES


def add_to(app: web.Application, gateway: FaxGateway, receipts: Receipts) -> None:
    app[pages.GATEWAY] = gateway

    async def close(app: web.Application) -> None:
        await gateway.close()
        await receipts.close()

    app.on_cleanup.append(close)
