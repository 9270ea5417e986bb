"""The parts of the LINE stand-in put together, inside the sandbox's HTTP server."""

from typing import Any

from aiohttp import web

from sandbox.inbox import Inbox
from sandbox.line import api, chat
from sandbox.line.platform import Platform
from sandbox.line.users import User, Users
from sandbox.line.webhooks import Webhooks
from sandbox.messages import Message
from sandbox.settings import Settings

ROUTES = [*api.ROUTES, *chat.ROUTES]


def add_to(app: web.Application, inbox: Inbox, settings: Settings) -> None:
    """What people see in their chats stands in the inbox, too."""

    def show(user: User, content: dict[str, Any]) -> None:
        text = content.get("text") or "\n".join(
            [content["template"]["text"], *(action["uri"] for action in content["template"]["actions"])]
        )
        inbox.add([Message(channel="line", to=user.user_id, sender="MTNet", subject="", text=text)])

    users = Users(settings.data)
    app[api.PLATFORM] = Platform(users, show)
    app[api.WEBHOOKS] = Webhooks(settings.line_webhook_url, settings.line_secret)

    async def close(app: web.Application) -> None:
        await app[api.WEBHOOKS].close()
        users.close()

    app.on_cleanup.append(close)
