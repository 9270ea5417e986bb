"""Activate an account, log in, stay logged in, log out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from mtnet_chassis.rpc.actor import Actor, ActorSigner
from mtnet_contracts.vocabulary.dates import taipei_day

from accounts.actions.desk import Desk
from accounts.audit.store import Entry
from accounts.registry.rules import (
    Account,
    AccountIsDisabled,
    AccountIsFrozen,
    LoginFailed,
    judge_login,
)
from accounts.sessions import passwords
from accounts.sessions.adapters import is_outdated
from accounts.sessions.rules import ACTOR_LIFE, Limits, expires_at, worth_touching
from accounts.sessions.store import Session
from accounts.sources import UNKNOWN, source_of
from accounts.vault import new_token, token_hash
from accounts.verification import guesses
from accounts.verification.guesses import LIMITS, Tally

# As many digits of a name's keyed index as tell names apart in the audit log; what was typed is not kept.
NAME_MARK_LENGTH = 16
# Stands where the account would, so that a name nobody has costs the same questions.
NOBODY = UUID(int=0)


class SessionEnded(Exception):
    """No such session, or it ran out, was ended, or its account may not log in any more."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A try to log in that holds its place already.

    `keys` say under what it is counted, by kind. `suspended`: it fails whatever the password is, and is no guess.
    `first_suspended`: the first such try since the last one that was judged.
    """

    name_index: bytes
    account_id: UUID | None
    password_hash: str | None
    suspended: bool
    began: datetime
    keys: dict[str, bytes] = field(default_factory=dict)
    first_suspended: bool = False

    def deserves_new_hash(self, password_matches: bool, password: str) -> bool:
        """Where the old one is weaker than today's, or may be of the password as it was typed, not normalised.

        Only of a try that may succeed: else the time it takes would tell that the password was right.
        """
        return (
            password_matches
            and not self.suspended
            and self.password_hash is not None
            and (is_outdated(self.password_hash) or not passwords.is_normal(password))
        )


@dataclass(frozen=True)
class Entered:
    """An open session: whose, the signed actor for the next calls, and until when."""

    account: Account
    actor: str
    expires_at: datetime
    latest_at: datetime
    previous_login_at: datetime | None
    session_token: str | None = None
    device_token: str | None = None


def begin_login(desk: Desk, account_name: str, *, ip: str | None, device_token: str | None) -> Attempt:
    """Hold a place for a try before its password is looked at: a burst has no more guesses than a row.

    A device of the account's owner has a limit of its own, which nobody else can use up; all others are limited by
    name and source, by name, and by source. The work is the same for a name that nobody has, and while trying is
    suspended.
    """
    account = desk.accounts.account_named(account_name)
    name_index = desk.vault.name_index(account_name)
    subject, device = (
        account_subject(desk, account.account_id if account else NOBODY),
        token_hash(device_token or ""),
    )
    if desk.guesses.knows_device(subject, device):
        return begin(
            desk,
            account,
            name_index,
            {guesses.DEVICE: desk.vault.subject_index("device", (subject + device).hex())},
        )
    source = source_of(ip)
    keys = {
        guesses.NAME: name_index,
        guesses.PAIR: desk.vault.subject_index("pair", f"{name_index.hex()}/{source}"),
    }
    # Whose address is not known share nothing but their names: one limit for them all would be everybody's.
    if source != UNKNOWN:
        keys[guesses.SOURCE] = desk.vault.subject_index("source", source)
    return begin(desk, account, name_index, keys)


def account_subject(desk: Desk, account_id: UUID) -> bytes:
    """Under what the devices of an account are known."""
    return desk.vault.subject_index("account", str(account_id))


def begin(desk: Desk, account: Account | None, name_index: bytes, keys: dict[str, bytes]) -> Attempt:
    tallies = {kind: _tally(desk, kind, key) for kind, key in keys.items()}
    refusing = [kind for kind, tally in tallies.items() if not LIMITS[kind].admits(tally, desk.now)]
    # Whoever is suspended for failures of their own has their further tries counted; they prolong nothing.
    own = next((kind for kind in refusing if kind in (guesses.PAIR, guesses.DEVICE)), None)
    for kind, tally in tallies.items():
        after = tally if refusing else tally.begun(desk.now)
        desk.guesses.save_tally(
            kind, keys[kind], LIMITS[kind].failed(after, desk.now) if kind == own else after
        )
    return Attempt(
        name_index=name_index,
        account_id=account.account_id if account else None,
        password_hash=account.password_hash if account else None,
        suspended=bool(refusing),
        began=desk.now,
        keys=keys,
        first_suspended=own is not None and tallies[own].failures == guesses.MOST_OF_ONE,
    )


def give_up(desk: Desk, attempt: Attempt) -> None:
    """The try could not be judged, through no fault of whoever made it: it was none."""
    settle(desk, attempt, right=None)


def settle(desk: Desk, attempt: Attempt, *, right: bool | None) -> None:
    """Give the place of a try back, and count what came of it."""
    for kind, key in attempt.keys.items():
        limit, tally = LIMITS[kind], _tally(desk, kind, key)
        if not attempt.suspended:
            tally = tally.ended(attempt.began)
            if right is False:
                tally = limit.failed(tally, desk.now)
            elif right and kind in (guesses.PAIR, guesses.DEVICE):
                tally = tally.cleared()
        desk.guesses.save_tally(kind, key, tally)


def _tally(desk: Desk, kind: str, key: bytes) -> Tally:
    return LIMITS[kind].now(desk.guesses.tally_for_update(kind, key, now=desk.now), desk.now)


def new_device(desk: Desk, subject: bytes, device_token: str | None) -> str:
    """A new secret for the device that was proved just now, in place of its earlier one, whose it was stays known."""
    token = new_token()
    if device_token:
        desk.guesses.rename_device(token_hash(device_token), token_hash(token))
    desk.guesses.add_device(subject, token_hash(token), desk.now)
    return token


def finish_login(
    desk: Desk,
    attempt: Attempt,
    *,
    password_matches: bool,
    new_hash: str | None,
    ip: str | None,
    user_agent: str | None,
    device_token: str | None = None,
    former_session_token: str | None = None,
) -> Entered | LoginFailed | AccountIsFrozen | AccountIsDisabled:
    """Judge a try whose password was compared outside any transaction, and put it on record.

    A no is returned, not raised: what is written of it stays. A yes ends the session that it takes the place of.
    """
    try:
        account = _judged(desk, attempt, password_matches)
    except LoginFailed as failed:
        settle(desk, attempt, right=False)
        reason = "suspended" if attempt.suspended else "wrong"
        detail = {"name": attempt.name_index.hex()[:NAME_MARK_LENGTH], "reason": reason}
        # A burst of tries that were not even judged is one line: the log takes its writers one after the other.
        if not attempt.suspended or attempt.first_suspended:
            _record(desk, "login_failed", subject_id=attempt.account_id, detail=detail, ip=ip)
        return failed
    except (AccountIsFrozen, AccountIsDisabled) as refused:
        settle(desk, attempt, right=True)
        reason = "frozen" if isinstance(refused, AccountIsFrozen) else "disabled"
        _record(desk, "login_refused", subject_id=attempt.account_id, detail={"reason": reason}, ip=ip)
        return refused
    settle(desk, attempt, right=True)
    desk.accounts.record_login(
        account.account_id, now=desk.now, active_on=taipei_day(desk.now), password_hash=new_hash
    )
    if former_session_token:
        log_out(desk, former_session_token)
    session = Session(uuid4(), account.account_id, desk.now, desk.now, account.last_login_at)
    token = new_token()
    desk.sessions.add_session(session, token_hash(token), ip=ip, user_agent=user_agent)
    detail = {"session_id": str(session.session_id)}
    _record(
        desk, "logged_in", subject_id=account.account_id, detail=detail, ip=ip, actor_id=account.account_id
    )
    device = new_device(desk, account_subject(desk, account.account_id), device_token)
    return _entered(desk, account, session, desk.now, ip=ip, token=token, device_token=device)


def _judged(desk: Desk, attempt: Attempt, password_matches: bool) -> Account:
    """Raises LoginFailed, AccountIsFrozen, AccountIsDisabled."""
    if attempt.account_id is None or attempt.suspended or not password_matches:
        raise LoginFailed
    account = desk.accounts.account_for_update(attempt.account_id)
    # A password changed between comparing and now was not compared at all.
    return judge_login(account, password_matches=account.password_hash == attempt.password_hash)


def _record(
    desk: Desk,
    action: str,
    *,
    subject_id: UUID | None,
    detail: dict[str, str],
    ip: str | None,
    actor_id: UUID | None = None,
) -> None:
    desk.audit.append(
        Entry(
            at=desk.now, actor_account_id=actor_id, action=action, subject_id=subject_id, detail=detail, ip=ip
        )
    )


def resume_session(desk: Desk, token: str, *, ip: str | None, touch: bool, force: bool = False) -> Entered:
    """The session as it now stands; using it prolongs it. Raises SessionEnded."""
    session = desk.sessions.open_session(token_hash(token))
    if session is None:
        raise SessionEnded
    used_at = session.touched_at
    if desk.now >= expires_at(started_at=session.started_at, used_at=used_at, limits=_limits(desk)):
        raise SessionEnded
    if touch and (force or worth_touching(touched_at=used_at, now=desk.now)):
        desk.sessions.touch(session.session_id, desk.now)
        used_at = desk.now
    return _entered(desk, desk.accounts.account(session.account_id), session, used_at, ip=ip)


def log_out(desk: Desk, token: str) -> None:
    desk.sessions.end(token_hash(token), desk.now)


def _limits(desk: Desk) -> Limits:
    return Limits(desk.settings.session_idle, desk.settings.session_absolute)


def _entered(
    desk: Desk,
    account: Account,
    session: Session,
    used_at: datetime,
    *,
    ip: str | None,
    token: str | None = None,
    device_token: str | None = None,
) -> Entered:
    limits = _limits(desk)
    actor = Actor(
        account_id=account.account_id,
        account_name=account.account_name,
        display_name=account.name,
        roles=frozenset(account.roles),
        session_id=session.session_id,
        expires_at=desk.now + ACTOR_LIFE,
        unit=account.unit,
        organisation_id=account.organisation_id,
        person_key=account.person_key,
        ip=ip,
    )
    return Entered(
        account=account,
        actor=ActorSigner(desk.settings.actor_private_key).sign(actor),
        expires_at=expires_at(started_at=session.started_at, used_at=used_at, limits=limits),
        latest_at=session.started_at + limits.absolute,
        previous_login_at=session.previous_login_at,
        session_token=token,
        device_token=device_token,
    )


def session_view(entered: Entered) -> dict[str, object]:
    """The call's SessionView."""
    account = entered.account
    return {
        "session_token": entered.session_token,
        "device_token": entered.device_token,
        "actor": entered.actor,
        "expires_at": entered.expires_at,
        "latest_at": entered.latest_at,
        "account": {
            "account_id": account.account_id,
            "account_name": account.account_name,
            "name": account.name,
            "identity_type": account.identity_type,
            "roles": sorted(account.roles),
            "unit": account.unit,
            "organisation_name": account.organisation_name,
            "systems": list(account.systems),
            "previous_login_at": entered.previous_login_at,
        },
    }
