"""The devices of an account: make one known by a code, tell its owner of a login on a new one, forget them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from mtnet_chassis.data.sealing import seal
from mtnet_chassis.events.outbox import Outbox

from accounts.attempts import actions as attempts
from accounts.audit.actions import record
from accounts.devices import messages
from accounts.devices.rules import NOTICE_LIVES, KnownDevice, LoginNotice, NoticeNotValid, label_of, shortened
from accounts.devices.store import DeviceStore
from accounts.registry import actions as registry
from accounts.registry.rules import Account, State
from accounts.sources import source_of
from accounts.vault import Vault, new_token, token_hash
from accounts.verification import actions as verification
from accounts.verification.actions import CodeSender
from accounts.verification.rules import DEVICE, CaseCodeWrong, CodeRecipient, CodeSent, sent_for

if TYPE_CHECKING:
    from accounts.attempts.store import GuessStore
    from accounts.audit.store import AuditStore
    from accounts.registry.store import AccountStore
    from accounts.verification.store import ChallengeStore


def account_subject(vault: Vault, account_id: UUID) -> bytes:
    """The key under which the devices of an account are known."""
    return vault.subject_index("account", str(account_id))


def request_device_code(
    sender: CodeSender, accounts: AccountStore, account_name: str, ip: str | None, now: datetime
) -> CodeSent:
    """Send a code to the mailbox of an account: the device it is typed into becomes one of the owner's.

    So nobody's wrong passwords keep an owner out. Known or not, the answer is the same, and so is the work.
    Raises TooManyCodes, counted per name and asking source.
    """
    source = source_of(ip)
    asked = sender.vault.subject_index("device-of", account_name.lower())
    verification.require_question_allowed(sender.challenges, asked, source, now)
    account = registry.account_named(accounts, account_name)
    question_id, sent = uuid4(), False
    if account is not None and account.state is State.ACTIVE:
        to = CodeRecipient(
            channel="email", recipient=account.email, locale=account.locale, account_id=account.account_id
        )
        sent = verification.answer_question(
            sender,
            to,
            DEVICE,
            question_id=question_id,
            asked=asked,
            source=source,
            known=False,
            now=now,
        )
    if not sent:
        sender.pretend(DEVICE, question_id=question_id, asked=asked, source=source, now=now)
    return sent_for(question_id, now)


def confirm_device(
    challenges: ChallengeStore,
    guesses: GuessStore,
    vault: Vault,
    challenge_id: UUID,
    code: str,
    device_token: str | None,
    now: datetime,
) -> str:
    """A new token for a device that is now one of the account owner's. Raises CaseCodeWrong."""
    fitting = verification.fitting_challenge(challenges, vault, challenge_id, DEVICE, code, now)
    if fitting.account_id is None:
        raise CaseCodeWrong
    verification.mark_used(challenges, fitting, now)
    return attempts.new_device(guesses, account_subject(vault, fitting.account_id), device_token, now)


# What the owner sees of them


@dataclass(frozen=True)
class DeviceStores:
    """What is read and written about devices, in one transaction."""

    accounts: AccountStore
    devices: DeviceStore
    audit: AuditStore
    outbox: Outbox


def devices_of(devices: DeviceStore, vault: Vault, account_id: UUID) -> list[KnownDevice]:
    return devices.devices_of(account_subject(vault, account_id))


def forget_device(
    stores: DeviceStores, vault: Vault, account_id: UUID, *, device_id: UUID, ip: str | None, now: datetime
) -> None:
    """The next login there is one on a new device. Forgetting what is not known changes nothing."""
    if stores.devices.forget_device(account_subject(vault, account_id), device_id):
        record(
            stores.audit,
            "device_forgotten",
            now=now,
            subject_id=account_id,
            detail={"device_id": str(device_id)},
            ip=ip,
            actor_account_id=account_id,
        )


def used_on(
    stores: DeviceStores,
    guesses: GuessStore,
    vault: Vault,
    account: Account,
    *,
    device_token: str | None,
    user_agent: str | None,
    ip: str | None,
    sealing_key: str,
    now: datetime,
) -> str:
    """Its owner has just logged in there: a new token for the device. Of a new one the owner is told by mail.

    Not of the first login after the activation: its mail has just led there.
    """
    subject, label = account_subject(vault, account.account_id), label_of(user_agent)
    known = attempts.is_device_of(guesses, subject, device_token)
    token = attempts.new_device(guesses, subject, device_token, now)
    stores.devices.name_device(subject, token_hash(token), label)
    if not known and account.last_login_at is not None:
        _tell_of_login(stores, account, label, ip, sealing_key, now)
    return token


def _tell_of_login(
    stores: DeviceStores, account: Account, label: str, ip: str | None, sealing_key: str, now: datetime
) -> None:
    token, expires_at = new_token(), now + NOTICE_LIVES
    stores.devices.add_notice(
        token_hash(token), LoginNotice(account.account_id, label, now, expires_at, None)
    )
    stores.outbox.announce(
        messages.new_device_login(
            account,
            device=label,
            came_from=shortened(ip),
            logged_in_at=now,
            sealed_token=seal(sealing_key, token, str(account.account_id)),
            expires_at=expires_at,
        )
    )


def login_notice(stores: DeviceStores, token: str, now: datetime) -> tuple[LoginNotice, str]:
    """What a link "this was not me" is about, and the account's name. Raises NoticeNotValid."""
    notice = stores.devices.notice_for_update(token_hash(token))
    if notice is None or not notice.is_good(now):
        raise NoticeNotValid
    return notice, registry.account(stores.accounts, notice.account_id).account_name


def disown_login(
    stores: DeviceStores, vault: Vault, *, notice_token: str, ip: str | None, now: datetime
) -> None:
    """It was somebody else: sessions end, devices are forgotten, and the password does not log in any more.

    The owner sets another one by a link to their mailbox. Raises NoticeNotValid.
    """
    notice, _ = login_notice(stores, notice_token, now)
    account = registry.locked_account(stores.accounts, notice.account_id)
    stores.devices.use_notice(token_hash(notice_token), now)
    registry.end_sessions_of(stores.accounts, [account.account_id], now)
    stores.devices.forget_all(account_subject(vault, account.account_id))
    registry.require_new_password(stores.accounts, [account.account_id], now)
    record(stores.audit, "login_disowned", now=now, subject_id=account.account_id, detail={}, ip=ip)
