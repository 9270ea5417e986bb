"""How long accounts keeps personal data, table by table. `docs/retention.md` is written from these rules.

Five years: after that nobody can claim damages any more for how their data was handled (Personal Data Protection Act,
個人資料保護法, Art. 30). Art. 11 asks for removal when the purpose has ended.
"""

from __future__ import annotations

from datetime import datetime

from mtnet_chassis.data.database import Tx
from mtnet_chassis.data.retention import Rule, nothing_personal

from accounts.applications.store import KEPT_NO_LONGER
from accounts.documents.actions import remove_closed_applications
from accounts.documents.endpoints import document_stores

PROOF = "proof of what was decided, until claims lapse (PDPA Art. 30)"


def _remove_closed(tx: Tx, now: datetime, most: int) -> int:
    return remove_closed_applications(document_stores(tx), now, most)


def _goes_with(table: str, holds: str, parent: str, because: str) -> Rule:
    return Rule(table=table, holds=holds, kept=f"as long as its {parent}", because=because)


RULES: tuple[Rule, ...] = (
    Rule(
        table="reactivation",
        holds="who checked and who approved a reactivation, their reason and the reference of the evidence",
        kept="as long as the account",
        because="each approval counts once",
        expired="account_id IN (SELECT account_id FROM account WHERE account.state = 'closed'"
        " AND account.closed_at < %(now)s - interval '5 years')",
    ),
    Rule(
        table="account",
        holds="name, e-mail address, mobile number, password hash",
        kept="as long as the account is open, and five years after it was closed",
        because="proof of what was decided and done, until claims lapse (PDPA Art. 30)",
        expired="state = 'closed' AND closed_at < %(now)s - interval '5 years'",
    ),
    Rule(
        table="application",
        holds="everything that was typed into an application; the ID number encrypted",
        kept="drafts 30 days after the last change; rejected and withdrawn ones five years; approved ones as long as"
        " there is an account",
        because=PROOF,
        expired=KEPT_NO_LONGER,
        remove=_remove_closed,
    ),
    _goes_with(
        "contact", "e-mail addresses and telephone numbers", "application", "codes and mails are sent there"
    ),
    _goes_with("consent", "when and from where the privacy notice was agreed to", "application", PROOF),
    _goes_with(
        "account_consent", "which privacy notices were agreed to, when, how and from where", "account", PROOF
    ),
    _goes_with("form_file", "the stamped form (in the file store)", "application", PROOF),
    _goes_with("submission", "the answers of each submission", "application", PROOF),
    _goes_with("step", "reasons and notes of reviewers", "application", PROOF),
    _goes_with("account_name_hold", "an account name", "application", "two people cannot get one name"),
    Rule(
        table="application_grant",
        holds="hashes of the tokens that open an application",
        kept="until they expire",
        because="they open nothing any more",
        expired="expires_at <= %(now)s",
    ),
    Rule(
        table="challenge",
        holds="the address or number that a code was sent to",
        kept="7 days",
        because="limits count codes of the last days",
        expired="created_at < %(now)s - interval '7 days'",
    ),
    Rule(
        table="failed_login",
        holds="keyed fingerprints of names and addresses",
        kept="1 day; of more than a million the newest",
        because="limits against guessing passwords",
        expired="last_at < greatest(%(now)s - interval '1 day',"
        " (SELECT last_at FROM failed_login ORDER BY last_at DESC OFFSET 1000000 LIMIT 1))",
    ),
    Rule(
        table="known_device",
        holds="fingerprints of devices that people have logged in with, and the names of browser and system",
        kept="180 days after it was last used",
        because="its owner can log in while others guess at the password",
        expired="proved_at < %(now)s - interval '180 days'",
    ),
    Rule(
        table="login_notice",
        holds="on what device somebody logged in, and when; a hash of the link in the mail",
        kept="7 days",
        because="the owner can say that it was somebody else",
        expired="expires_at <= %(now)s",
    ),
    Rule(
        table="pending_login",
        holds="which account a password was right for",
        kept="15 minutes",
        because="the second step of a login follows the first",
        expired="expires_at <= %(now)s",
    ),
    Rule(
        table="totp",
        holds="the secret of an authenticator app, encrypted",
        kept="until its owner removes it; 30 minutes where no code of it ever came",
        because="the second step of a login",
        expired="confirmed_at IS NULL AND created_at < %(now)s - interval '30 minutes'",
    ),
    _goes_with("recovery_code", "keyed hashes of codes", "account", "they stand in for a lost telephone"),
    Rule(
        table="passkey",
        holds="the public key of a passkey, and the name its owner gave it",
        kept="until its owner removes it",
        because="the second step of a login",
    ),
    Rule(
        table="passkey_challenge",
        holds="random numbers that a passkey was asked to sign",
        kept="5 minutes",
        because="each is signed once",
        expired="expires_at <= %(now)s",
    ),
    Rule(
        table="session",
        holds="address, browser and times of a login",
        kept="90 days after the login",
        because="the owner sees their last logins",
        expired="started_at < %(now)s - interval '90 days'",
    ),
    Rule(
        table="activation_link",
        holds="hashes of links",
        kept="as long as the account; one row each",
        because="an old link says that it is old",
    ),
    Rule(
        table="password_reset",
        holds="keyed fingerprints of names and mailboxes, hashes of links, and addresses that asked for one",
        kept="7 days",
        because="limits count the last hour, and an old link says that it is old",
        expired="asked_at < %(now)s - interval '7 days'",
    ),
    _goes_with("former_password", "hashes of the two passwords before", "account", "none may come again"),
    Rule(
        table="account_contact",
        holds="the proved e-mail addresses and mobile numbers of an account",
        kept="until its owner removes or replaces them; else as long as the account",
        because="codes and notices go there",
    ),
    Rule(
        table="account_profile",
        holds="telephone, fax, department and title",
        kept="as long as the account",
        because="its owner is reached by them",
    ),
    Rule(
        table="contact_change",
        holds="the contacts before and after a change",
        kept="90 days; it can be undone for 72 hours",
        because="its owner may ask what became of it",
        expired="requested_at < %(now)s - interval '90 days'",
    ),
    Rule(
        table="privacy_request",
        holds="what somebody asked for under the Personal Data Protection Act, and the answers",
        kept="five years after it was answered, refused or withdrawn",
        because=PROOF,
        expired="closed_at < %(now)s - interval '5 years'",
    ),
    _goes_with("privacy_step", "when a request was answered, and the note to the person", "request", PROOF),
    Rule(
        table="document_work",
        holds="keyed fingerprints of addresses",
        kept="1 day",
        because="limits on work that a stranger can ask for",
        expired="at < %(now)s - interval '1 day'",
    ),
    Rule(
        table="lifecycle_run",
        holds="the name of the operator who started a run",
        kept="two years",
        because="whoever asks why an account was frozen or disabled can be answered",
        expired="started_at < %(now)s - interval '2 years'",
    ),
    _goes_with("lifecycle_change", "account names", "run", "what a run did to whom"),
    Rule(
        table="organisation",
        holds="name and company number; the name of a person where a company has it as its own",
        kept="as long as the system runs",
        because="one row a company, from a public register",
    ),
    Rule(
        table="audit_entry",
        holds="account numbers and addresses; no names",
        kept="as long as the system runs",
        because="each entry proves the one before; who could remove one could hide what was done",
    ),
    Rule(
        table="subscriber",
        holds="the office that owns a downstream system, and its e-mail address",
        kept="as long as the system is registered, and five years after it was removed",
        because=PROOF,
        expired="state = 'removed' AND removed_at < %(now)s - interval '5 years'",
    ),
    Rule(
        table="api_token",
        holds="hashes of the access tokens of downstream systems",
        kept="until they expire",
        because="they open nothing any more",
        expired="expires_at <= %(now)s",
    ),
    *nothing_personal(
        "subscriber_grant", "subscriber_scope", "subscriber_credential", because="they go with their system"
    ),
    *nothing_personal("subscriber_webhook", "webhook_secret", because="they go with their system"),
    *nothing_personal("subscriber_broker", because="how far the broker follows the records"),
    *nothing_personal("subscriber_notice", "subscriber_alarm", because="what an owner of a system was told"),
    *nothing_personal("unattached_form", "file_to_remove", because="names of files; an hour at most"),
    *nothing_personal("case_holder", because="units of the bureau"),
    *nothing_personal("privacy_notice", because="the notice itself"),
    *nothing_personal("audit_verified", because="how far the audit log was verified"),
)
