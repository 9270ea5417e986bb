"""The SMTP and HTTP servers put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from sandbox import api, authenticator, pages, sms
from sandbox.desk import pages as desk
from sandbox.desk.mailroom import USER, Mailroom
from sandbox.events import pages as events
from sandbox.events.watching import Watcher
from sandbox.faults import Faults
from sandbox.fax import server as fax
from sandbox.fax.gateway import FaxGateway
from sandbox.inbox import Inbox
from sandbox.keys import FAULTS, INBOX, RECEIPTS, TOKENS
from sandbox.line import server as line
from sandbox.receipts import Receipts
from sandbox.receiver import server as receiver
from sandbox.returned.imap import serve_imap
from sandbox.returned.mailbox import Mailbox
from sandbox.settings import Settings
from sandbox.smtp import serve_smtp

# Ten files of a mail, or one that is too large for the helpdesk.
LARGEST_FORM_BYTES = 60 * 1024 * 1024


def application(inbox: Inbox, faults: Faults, receipts: Receipts, tokens: dict[str, str]) -> web.Application:
    app = web.Application(client_max_size=LARGEST_FORM_BYTES)
    app[INBOX], app[FAULTS], app[RECEIPTS], app[TOKENS] = inbox, faults, receipts, tokens
    app.add_routes(
        [
            *line.ROUTES,
            *desk.ROUTES,
            *events.ROUTES,
            *fax.ROUTES,
            *receiver.ROUTES,
            *sms.ROUTES,
            *api.ROUTES,
            *pages.ROUTES,
            *authenticator.ROUTES,
        ]
    )
    return app


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Inbox]:
    """Both servers listen inside; raises OSError when a port is taken."""
    inbox, faults = Inbox(settings.data, settings.keep), Faults()
    receipts = Receipts(settings.webhooks_url)
    fax_gateway = FaxGateway(inbox, faults, receipts, settings.fax_token, settings.fax_seconds_per_page)
    app = application(inbox, faults, receipts, settings.tokens)
    mailroom = app[desk.MAILROOM] = Mailroom(settings.desk_addresses, settings.desk_fax_address)
    line.add_to(app, inbox, settings)
    fax.add_to(app, fax_gateway, receipts)
    events.add_to(app, Watcher(settings.events_url))
    receiver.add_to(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    try:
        await runner.setup()
        await web.TCPSite(runner, settings.host, settings.http_port).start()
        returned = Mailbox()
        servers = [
            await serve_smtp(
                inbox, faults, fax_gateway, returned, mailroom, settings.host, settings.smtp_port
            )
        ]
        try:
            if settings.imap_port:
                servers.append(
                    await serve_imap(returned, {USER: mailroom.mailbox}, settings.host, settings.imap_port)
                )
            yield inbox
        finally:
            for server in servers:
                server.close()
    finally:
        await runner.cleanup()
        inbox.close()
