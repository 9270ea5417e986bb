"""The endpoints of accounts: calls from the gateway, decisions from review, the lifecycle's clock."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Database, Tx
from mtnet_chassis.events.consumer import on_event
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Anybody, Refused, Renewal, caller_of, endpoint
from mtnet_chassis.runtime.timers import timer_once
from mtnet_contracts.calls import accounts as calls
from mtnet_contracts.vocabulary.dates import taipei_day

from accounts import events
from accounts.actions.desk import Desk, desk_for
from accounts.activation import actions as activating
from accounts.applications import actions as drafting
from accounts.applications import reviewing
from accounts.applications import shapes as replies
from accounts.applications.changes import NothingChanged
from accounts.applications.rules import (
    AnswersChanged,
    Incomplete,
    NotEditable,
    NotWithdrawable,
    SectionNotAsked,
)
from accounts.applications.store import AccountNameTaken, ApplicationNotFound
from accounts.audit import actions as auditing
from accounts.documents.actions import Documents
from accounts.documents.adapters import StoredFiles
from accounts.documents.pool import places_for
from accounts.lifecycle import cli as lifecycle
from accounts.lifecycle.actions import tidy
from accounts.registry.rules import (
    Account,
    AccountIsDisabled,
    AccountIsFrozen,
    ActivationLinkInvalid,
    ActivationLinkUsed,
    LoginFailed,
    NotAwaitingActivation,
)
from accounts.registry.store import ActivationLink
from accounts.sessions import actions as entering
from accounts.sessions.adapters import hashed, verified
from accounts.settings import settings
from accounts.submission import actions as submitting
from accounts.tracking import actions as following
from accounts.vault import new_token, token_hash
from accounts.verification import actions as proving
from accounts.verification import rules as codes

Request = dict[str, Any]


# Who may: judged before anything is done or answered a second time


def token_holder(service: Any, tx: Tx, actor: None, request: Request) -> str:
    """Whoever has a token that opens an application. Raises ApplicationNotFound."""
    drafting.require_opening(_desk(tx), request["application_token"])
    return f"token:{token_hash(request['application_token']).hex()}"


def case_reviewer(service: Any, tx: Tx, actor: Actor, request: Request) -> str:
    """A reviewer whose unit has, or had, the case. Raises Refused(CASE_NOT_FOUND)."""
    reviewing.require_held(_desk(tx), actor, request["application_id"])
    return caller_of(actor)


# A draft that was begun, without the token that opens it.
BEGUN = Renewal(
    keeps=lambda reply: {"application_id": reply["application"]["application_id"]},
    renews=lambda service, tx, actor, request, kept: replies.begun_again(_desk(tx), kept["application_id"]),
)


class AccountsService:
    name = "accounts"
    refusals: ClassVar[dict[type[Exception], Any]] = {
        ApplicationNotFound: "APPLICATION_TOKEN_INVALID",
        NotEditable: "NOT_EDITABLE",
        NotWithdrawable: "NOT_WITHDRAWABLE",
        SectionNotAsked: "SECTION_NOT_ASKED",
        AnswersChanged: "ANSWERS_CHANGED",
        NothingChanged: "NOTHING_CHANGED",
        AccountNameTaken: "ACCOUNT_NAME_TAKEN",
        NotAwaitingActivation: "NOT_AWAITING_ACTIVATION",
        ActivationLinkInvalid: "ACTIVATION_LINK_INVALID",
        ActivationLinkUsed: "ACTIVATION_LINK_USED",
        LoginFailed: "LOGIN_FAILED",
        AccountIsFrozen: "ACCOUNT_FROZEN",
        AccountIsDisabled: "ACCOUNT_DISABLED",
        entering.SessionEnded: "SESSION_ENDED",
        Incomplete: lambda p: Refused("INCOMPLETE", detail={"missing": list(p.missing)}),
        codes.TooSoon: lambda p: Refused("TOO_SOON", detail={"resend_at": p.args[0].isoformat()}),
        codes.TooManyCodes: "TOO_MANY_CODES",
        codes.CodeWrong: lambda p: Refused(
            "CODE_WRONG",
            fields={"code": ["CODE_WRONG"]},
            detail={"tries_left": p.tries_left},
            keeps_changes=True,
        ),
        codes.CaseCodeWrong: lambda _: Refused(
            "CODE_WRONG", fields={"code": ["CODE_WRONG"]}, keeps_changes=True
        ),
        codes.CodeExpired: lambda _: Refused("CODE_EXPIRED", fields={"code": ["CODE_EXPIRED"]}),
        codes.TooManyGuesses: lambda _: Refused("TOO_MANY_GUESSES", fields={"code": ["TOO_MANY_GUESSES"]}),
        codes.CodeVoid: lambda _: Refused("CODE_VOID", fields={"code": ["CODE_VOID"]}),
    }

    database = Database()

    # Applying

    @endpoint(calls.applications.PRIVACY_NOTICE)
    def privacy_notice(self, tx: Tx, actor: None, request: Request) -> Any:
        return drafting.privacy_notice(_desk(tx))

    @endpoint(
        calls.applications.START_APPLICATION,
        authorise=Anybody("a draft is begun by strangers"),
        renewal=BEGUN,
    )
    def start_application(self, tx: Tx, actor: None, request: Request) -> Any:
        desk, device_token = _desk(tx), request.pop("device_token")
        begun = replies.begun(desk, *drafting.start_application(desk, **request))
        # Nobody's yet: a contact that is proved from there makes it its owner's.
        return begun | {"device_token": None if device_token else new_token()}

    @endpoint(calls.applications.APPLICATION)
    def application(self, tx: Tx, actor: None, request: Request) -> Any:
        desk = _desk(tx)
        return drafting.view(desk, drafting.opened(desk, request["application_token"]), reveal=True)

    @endpoint(calls.applications.OPENED_APPLICATIONS)
    def opened_applications(self, tx: Tx, actor: None, request: Request) -> Any:
        found = drafting.opened_applications(_desk(tx), request["application_tokens"])
        return {"applications": found}

    @endpoint(calls.applications.SAVE_SECTION, authorise=token_holder)
    def save_section(self, tx: Tx, actor: None, request: Request) -> Any:
        desk, token = _desk(tx), request.pop("application_token")
        return drafting.view(desk, drafting.save_section(desk, token, **request))

    @endpoint(calls.verification.REQUEST_CONTACT_CODE, authorise=token_holder)
    def request_contact_code(self, tx: Tx, actor: None, request: Request) -> Any:
        return proving.request_contact_code(_desk(tx), *replies.of_contact(request), request["device_token"])

    @endpoint(calls.verification.VERIFY_CONTACT, authorise=token_holder)
    def verify_contact(self, tx: Tx, actor: None, request: Request) -> Any:
        desk, device_token = _desk(tx), request["device_token"]
        proved = proving.verify_contact(desk, *replies.of_contact(request), request["code"], device_token)
        return drafting.view(desk, proved)

    @endpoint(calls.documents.GENERATE_FORM, transaction=False, authorise=token_holder)
    def generate_form(self, actor: None, request: Request) -> Any:
        return self._documents().form(request["application_token"], request["ip"])

    @endpoint(calls.documents.ATTACH_FORM, transaction=False, authorise=token_holder)
    def attach_form(self, actor: None, request: Request) -> Any:
        return self._documents().attach(**request)

    @endpoint(calls.documents.REMOVE_FORM, transaction=False, authorise=token_holder)
    def remove_form(self, actor: None, request: Request) -> Any:
        return self._documents().remove(request["application_token"])

    @endpoint(calls.documents.OWN_FORM)
    def own_form(self, tx: Tx, actor: None, request: Request) -> Any:
        return replies.stored(submitting.own_form(_desk(tx), request["application_token"]))

    @endpoint(calls.documents.OWN_FORM_PREVIEW, transaction=False)
    def own_form_preview(self, actor: None, request: Request) -> Any:
        return self._documents().preview(request["application_token"])

    def _documents(self) -> Documents:
        told = settings()
        places = places_for(told.files_url, told.document_places)
        return Documents(self.database, told, StoredFiles(told.files_url), places)

    @endpoint(calls.applications.SUBMIT_APPLICATION, authorise=token_holder)
    def submit_application(self, tx: Tx, actor: None, request: Request) -> Any:
        desk, token = _desk(tx), request["application_token"]
        shown, must_change = request["versions"], request["must_change"]
        return drafting.view(desk, submitting.submit_application(desk, token, shown, must_change=must_change))

    @endpoint(calls.applications.WITHDRAW_APPLICATION, authorise=token_holder)
    def withdraw_application(self, tx: Tx, actor: None, request: Request) -> Any:
        desk = _desk(tx)
        return drafting.view(desk, submitting.withdraw_application(desk, request["application_token"]))

    @endpoint(
        calls.applications.LEAVE_APPLICATION, authorise=Anybody("ends the token it brings, known or not")
    )
    def leave_application(self, tx: Tx, actor: None, request: Request) -> Any:
        drafting.leave_application(_desk(tx), request["application_token"])

    @endpoint(calls.documents.RECEIPT, transaction=False, authorise=token_holder)
    def receipt(self, actor: None, request: Request) -> Any:
        return self._documents().receipt(request["application_token"])

    # Following a case

    @endpoint(calls.tracking.REQUEST_CASE_ACCESS, authorise=Anybody("a stranger learns nothing"))
    def request_case_access(self, tx: Tx, actor: None, request: Request) -> Any:
        query, ip, device_token = request["query"], request["ip"], request["device_token"]
        return proving.request_case_access(_desk(tx), query, ip, device_token)

    @endpoint(
        calls.tracking.OPEN_CASE, authorise=Anybody("the code is judged, and the try counted, each time")
    )
    def open_case(self, tx: Tx, actor: None, request: Request) -> Any:
        opened, device_token = proving.open_case(
            _desk(tx), request["challenge_id"], request["code"], request["device_token"]
        )
        return {
            "cases": [vars(one.application) | {"application_token": one.application_token} for one in opened],
            "device_token": device_token,
        }

    @endpoint(calls.sessions.REISSUE_ACTIVATION, authorise=token_holder)
    def reissue_activation(self, tx: Tx, actor: None, request: Request) -> Any:
        following.reissue_activation(_desk(tx), request["application_token"])

    @on_event(events.CaseOpened, events.CaseForwarded, group="decisions", ordered=True)
    def record_waiting(self, tx: Tx, event: events.CaseOpened | events.CaseForwarded) -> None:
        following.record_waiting(_desk(tx), event)

    @on_event(events.ApplicationReturned, group="decisions", ordered=True)
    def record_return(self, tx: Tx, event: events.ApplicationReturned) -> None:
        following.record_return(_desk(tx), event)

    @on_event(events.ApplicationRejected, group="decisions", ordered=True)
    def record_rejection(self, tx: Tx, event: events.ApplicationRejected) -> None:
        following.record_rejection(_desk(tx), event)

    @on_event(events.ApplicationApproved, group="decisions", ordered=True)
    def open_account(self, tx: Tx, event: events.ApplicationApproved) -> None:
        following.open_account(_desk(tx), event)

    # Entering

    @endpoint(calls.sessions.ACTIVATION)
    def activation(self, tx: Tx, actor: None, request: Request) -> Any:
        account, link = activating.activation(_desk(tx), request["activation_token"])
        return replies.activation_view(account, link)

    @endpoint(
        calls.sessions.ACTIVATE_ACCOUNT,
        transaction=False,
        authorise=Anybody("the link, once used the password, is judged each time"),
    )
    def activate_account(self, actor: None, request: Request) -> Any:
        token, password = request["activation_token"], request["password"]
        try:
            account, link = self._activated(token, password, request["account_name"])
        except ActivationLinkInvalid:
            account, link = self._activated_before(token, password)
        return replies.activation_view(account, link)

    def _activated(
        self, token: str, password: str, account_name: str | None
    ) -> tuple[Account, ActivationLink]:
        with self.database.transaction() as tx:
            activating.check_new_password(_desk(tx), token, password, account_name)
        password_hash = hashed(password)
        with self.database.transaction() as tx:
            return activating.activate_account(_desk(tx), token, password_hash, account_name)

    def _activated_before(self, token: str, password: str) -> tuple[Account, ActivationLink]:
        with self.database.transaction() as tx:
            attempt = activating.begin_repeated_activation(_desk(tx), token)
        matches = verified(attempt.password_hash, password)
        with self.database.transaction() as tx:
            done = activating.finish_repeated_activation(_desk(tx), token, attempt, password_matches=matches)
        if done is None:
            raise ActivationLinkInvalid
        return done

    @endpoint(calls.sessions.LOG_IN, transaction=False, authorise=Anybody("the password is judged each time"))
    def log_in(self, actor: None, request: Request) -> Any:
        """Count, compare, judge: two commits and one comparison whatever the answer, so that time tells nothing."""
        password, account_name = request.pop("password"), request.pop("account_name")
        ip, device_token = request["ip"], request["device_token"]
        with self.database.transaction() as tx:
            attempt = entering.begin_login(_desk(tx), account_name, ip=ip, device_token=device_token)
        try:
            matches = verified(attempt.password_hash, password)
            renewed = hashed(password) if attempt.deserves_new_hash(matches, password) else None
            with self.database.transaction() as tx:
                entered = entering.finish_login(
                    _desk(tx), attempt, password_matches=matches, new_hash=renewed, **request
                )
        except Exception:
            self._give_up(attempt)
            raise
        if isinstance(entered, Exception):
            raise entered
        return entering.session_view(entered)

    def _give_up(self, attempt: entering.Attempt) -> None:
        """Where this cannot be written either, the try ends by itself half a minute later."""
        with suppress(Exception), self.database.transaction() as tx:
            entering.give_up(_desk(tx), attempt)

    @endpoint(calls.sessions.REQUEST_DEVICE_CODE, authorise=Anybody("a stranger learns nothing"))
    def request_device_code(self, tx: Tx, actor: None, request: Request) -> Any:
        return proving.request_device_code(_desk(tx), **request)

    @endpoint(
        calls.sessions.CONFIRM_DEVICE, authorise=Anybody("the code is judged, and the try counted, each time")
    )
    def confirm_device(self, tx: Tx, actor: None, request: Request) -> Any:
        return {"device_token": proving.confirm_device(_desk(tx), **request)}

    @endpoint(calls.sessions.RESUME_SESSION)
    def resume_session(self, tx: Tx, actor: None, request: Request) -> Any:
        token, ip, touch = request["session_token"], request["ip"], request["touch"]
        return entering.session_view(entering.resume_session(_desk(tx), token, ip=ip, touch=touch))

    @endpoint(calls.sessions.EXTEND_SESSION, authorise=Anybody("the session's token is judged each time"))
    def extend_session(self, tx: Tx, actor: None, request: Request) -> Any:
        token, ip = request["session_token"], request["ip"]
        return entering.session_view(entering.resume_session(_desk(tx), token, ip=ip, touch=True, force=True))

    @endpoint(
        calls.sessions.LOG_OUT, authorise=Anybody("ends the session whose token it brings, known or not")
    )
    def log_out(self, tx: Tx, actor: None, request: Request) -> Any:
        entering.log_out(_desk(tx), request["session_token"])

    # Reviewers

    @endpoint(calls.applications.REVEAL_ID_NUMBER, roles={"reviewer"}, authorise=case_reviewer)
    def reveal_id_number(self, tx: Tx, actor: Actor, request: Request) -> Any:
        return {"id_number": reviewing.reveal_id_number(_desk(tx), actor, **request)}

    @endpoint(calls.documents.CASE_FORM, roles={"reviewer"}, authorise=case_reviewer)
    def case_form(self, tx: Tx, actor: Actor, request: Request) -> Any:
        return replies.stored(reviewing.case_form(_desk(tx), actor, **request))

    @endpoint(calls.documents.CASE_FORM_PAGE, roles={"reviewer"}, transaction=False, authorise=case_reviewer)
    def case_form_page(self, actor: Actor, request: Request) -> Any:
        return self._documents().page(actor, **request)

    # The clock

    @timer_once(3600, variable="ACCOUNTS_LIFECYCLE_SECONDS")
    def run_lifecycle(self, tx: Tx) -> None:
        """The lock of `tx` keeps other replicas out; the run has transactions of its own."""
        lifecycle.run(self.database, settings(), as_of=taipei_day(datetime.now(UTC)))
        submitting.close_lapsed_returns(_desk(tx))
        tidy(_desk(tx))
        self._documents().tidy()

    @timer_once(600, variable="ACCOUNTS_AUDIT_SECONDS")
    def verify_audit_log(self, tx: Tx) -> None:
        auditing.look(_desk(tx))


Service = AccountsService


def _desk(tx: Tx) -> Desk:
    return desk_for(tx, settings())
