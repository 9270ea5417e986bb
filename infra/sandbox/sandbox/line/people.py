"""What somebody does in LINE, and what the portal is told of it."""

from secrets import randbelow

from sandbox.line.platform import Platform
from sandbox.line.users import LONGEST_WORDS, User
from sandbox.line.webhooks import Webhooks


def follow(platform: Platform, webhooks: Webhooks, user: User) -> None:
    """Add as a friend, or block no more."""
    again = user.blocked
    user.friend, user.blocked = True, False
    platform.users.save(user)
    webhooks.tell(user, "follow", replyToken=platform.new_reply_token(user), follow={"isUnblocked": again})


def block(platform: Platform, webhooks: Webhooks, user: User) -> None:
    user.blocked = True
    platform.users.save(user)
    webhooks.tell(user, "unfollow")


def say(platform: Platform, webhooks: Webhooks, user: User, text: str) -> None:
    text = text.strip()[:LONGEST_WORDS]
    if not text or not user.hears:
        return
    platform.users.show(user, {"type": "text", "text": text}, own=True)
    message = {"type": "text", "id": str(10**17 + randbelow(10**17)), "text": text}
    webhooks.tell(user, "message", replyToken=platform.new_reply_token(user), message=message)


def send_picture(platform: Platform, webhooks: Webhooks, user: User, content: bytes, media_type: str) -> None:
    """The portal is told of it, and fetches the bytes itself."""
    if not content or not user.hears:
        return
    content_id = str(10**17 + randbelow(10**17))
    platform.keep_content(content_id, content, media_type)
    platform.users.show(user, {"type": "image", "id": content_id}, own=True)
    message = {"type": "image", "id": content_id, "contentProvider": {"type": "line"}}
    webhooks.tell(user, "message", replyToken=platform.new_reply_token(user), message=message)


def answer_dialog(platform: Platform, webhooks: Webhooks, user: User | None, token: str, nonce: str) -> bool:
    """The user agrees that an account is linked. False: the link is too old, or was made for somebody else."""
    owner = platform.use_link_token(token)
    if owner is None:
        return False
    linked = owner is user
    webhooks.tell(
        owner,
        "accountLink",
        replyToken=platform.new_reply_token(owner),
        link={"result": "ok" if linked else "failed", "nonce": nonce},
    )
    return linked
