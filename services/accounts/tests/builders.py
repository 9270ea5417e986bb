"""People and applications for tests; every name is new, so tests do not meet."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from itertools import count
from uuid import uuid4

from accounts.inactivity.rules import dates_after_activity
from mtnet_chassis.data.files import Files
from mtnet_chassis.rpc.actor import Actor
from mtnet_contracts.event import new_event_id
from mtnet_contracts.events import ApplicationApproved, ApplicationReturned, CaseOpened
from mtnet_contracts.examples import example_of

LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
_people = count(1)


def an_id_number():
    """A well-formed number of its own."""
    body = f"1{next(_people):07d}"
    weights = (8, 7, 6, 5, 4, 3, 2, 1)
    total = 1 + sum(w * int(d) for w, d in zip(weights, body, strict=True))
    return f"A{body}{-total % 10}"


def registration(ask):
    version = ask("privacy_notice")["version"]
    return {"method": "email", "notice_version": version, "agreed": True}


def company(**changes):
    return {
        "unified_business_number": "04595257",
        "name_zh": "範例航運股份有限公司",
        "person_in_charge": "負責人",
        "city": "keelung",
        "address": "港西街 1 號",
        "phone": "02-24201234",
        "email": "office@carrier.example.com",
        "mobile": "0922345678",
    } | changes


def applicant(**changes):
    return {
        "name": "海運業務承辦人",
        "phone": "02-33436767",
        "email": f"clerk{uuid4().hex[:8]}@example.com",
        "mobile": f"09{uuid4().int % 8}{uuid4().int % 10**7:07d}",
        "systems": ["mtnet"],
        "reason": "辦理船舶進出港申報",
    } | changes


def an_account_name():
    return f"user{uuid4().hex[:12]}"


def put_accounts(rows, state, *days):
    """Store an account for each day since when it was not used. Returns their ids in the order of the days."""
    dates = [dates_after_activity(day) for day in days]
    ids = [uuid4() for _ in days]
    rows(
        "INSERT INTO account (account_id, account_name, name, state, identity_type, roles, email, locale,"
        " approved_at, active_on, freeze_on, remind_on, disable_on)"
        " SELECT id, left('p' || md5(id::text), 20), '會員', %s, 'individual', '{member}', 'member@example.com',"
        " 'zh-Hant', now(), active_on, freeze_on, remind_on, disable_on"
        " FROM unnest(%s::uuid[], %s::date[], %s::date[], %s::date[], %s::date[])"
        " AS new (id, active_on, freeze_on, remind_on, disable_on)",
        state,
        ids,
        *(
            [getattr(each, name) for each in dates]
            for name in ("active_on", "freeze_on", "remind_on", "disable_on")
        ),
    )
    return ids


class Applying:
    """An applicant at the portal."""

    def __init__(self, ask, notify, identity_type="individual", ip=None, **identity):
        self.ask, self.notify = ask, notify
        self.ip = ip or f"198.18.{uuid4().int % 256}.{uuid4().int % 256}"
        started = ask("start_application", identity_type=identity_type, ip=self.ip)
        self.token = started["application_token"]
        self.application_id = started["application"]["application_id"]
        self.case_number = started["application"]["case_number"]
        self.identity_type = identity_type
        self.identity = {"id_number": an_id_number(), "account_name": an_account_name()} | identity
        self.applicant = applicant()
        self.company = company(
            email=f"office{uuid4().hex[:8]}@example.com",
            mobile=f"09{uuid4().int % 8}{uuid4().int % 10**7:07d}",
        )

    def __call__(self, call, **request):
        return self.ask(call, application_token=self.token, **request)

    def save(self, section, answers):
        return self("save_section", section=section, answers=answers, ip="192.0.2.7")

    def fill_in(self):
        self.save("registration", registration(self.ask))
        self.save("identity", self.identity)
        if self.identity_type in ("company", "public_body"):
            self.save("company", self.company)
        return self.save("applicant", self.applicant)

    def prove_contacts(self):
        view = self("application")
        for contact in view["contacts"]:
            if contact["verified_at"] is None:
                self("request_contact_code", contact=contact["contact"])
                view = self(
                    "verify_contact", contact=contact["contact"], code=self.notify.last_code(contact["value"])
                )
        return view

    def upload(self, content, filename="用印檔案.pdf"):
        from accounts.settings import settings

        key = f"uploads/{uuid4()}"
        Files(settings().files_url).put(key, content)
        return self("attach_form", upload_key=key, filename=filename)

    def form(self):
        from accounts.settings import settings

        made = self("generate_form")
        return Files(settings().files_url).get(made["key"])

    def complete(self):
        self.fill_in()
        self.prove_contacts()
        if self.identity_type in ("company", "public_body"):
            self.upload(self.form())
        return self("application")

    def submit(self):
        return self("submit_application", truthful=True)

    def hand_in(self):
        self.complete()
        return self.submit()


def scanned(pdf, *, without_code=False):
    """A printed form as a scanner sees it: one page as a JPEG, `without_code` with a corner folded over the code."""
    import pypdfium2

    picture = (
        pypdfium2.PdfDocument(pdf)[0].render(scale=150 / 72).to_pil().convert("L").rotate(1.2, fillcolor=250)
    )
    if without_code:
        picture.paste(250, (picture.width // 2, 0, picture.width, picture.height // 4))
    output = BytesIO()
    picture.save(output, "JPEG", quality=70)
    return output.getvalue()


def text_of(pdf):
    """As a person would copy it out of the document."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    return "".join(page.get_textpage().get_text_range() for page in document)


def decided(event, applying, **changes):
    """An event of review about this case."""
    from dataclasses import replace

    example = example_of(event)
    return replace(
        example,
        event_id=new_event_id(),
        application_id=type(example.application_id)(str(applying.application_id)),
        case_number=applying.case_number,
        **({"submission": 1} | changes),
    )


def opened(applying, **changes):
    return decided(CaseOpened, applying, **{"unit": "north", "stage": 1, "stages": 2} | changes)


def returned(applying, **changes):
    return decided(ApplicationReturned, applying, **{"resubmit_by": date(2099, 1, 1)} | changes)


def approved(applying, **changes):
    return decided(ApplicationApproved, applying, **changes)


def a_reviewer(unit="north", **changes):
    return Actor(
        **{
            "account_id": uuid4(),
            "account_name": "northreviewer",
            "display_name": "北部航務中心審核員",
            "roles": frozenset({"reviewer"}),
            "session_id": uuid4(),
            "expires_at": datetime.now(UTC) + timedelta(minutes=2),
            "unit": unit,
            "ip": "192.0.2.9",
        }
        | changes
    )


def a_member(transactions, password, *roles, **changes):
    """The name of an account that somebody uses, without an application before it."""
    return an_account(transactions, password, *roles, **changes).account_name


def an_account(transactions, password, *roles, agreed=True, **changes):
    """An account that somebody uses, without an application before it; `agreed` to the privacy notice in force."""
    from accounts.consents.actions import privacy_notice
    from accounts.consents.store import ConsentStore
    from accounts.inactivity.rules import dates_after_activity
    from accounts.registry.rules import Account, State
    from accounts.registry.store import AccountStore
    from accounts.sessions.adapters import hashed
    from mtnet_contracts.vocabulary.dates import taipei_day

    now = datetime.now(UTC)
    account = Account(
        **{
            "account_id": uuid4(),
            "account_name": an_account_name(),
            "name": "海運業務承辦人",
            "state": State.ACTIVE,
            "identity_type": "individual",
            "roles": roles or ("member",),
            "email": f"{uuid4().hex[:8]}@example.com",
            "mobile": f"+8869{uuid4().int % 10**8:08d}",
            "locale": "zh-Hant",
            "password_hash": hashed(password),
        }
        | changes
    )
    with transactions.transaction() as tx:
        dates = dates_after_activity(taipei_day(now))
        AccountStore(tx).add_account(account, application_id=None, approved_at=now, dates=dates)
        if agreed:
            consents = ConsentStore(tx)
            version = privacy_notice(consents, now).version
            consents.add_account_consent(account.account_id, version, now, "application", None)
    return account


def an_active_account(ask, notify, transactions, *, password="Quay!2026side", **identity):
    """Somebody who applied, was approved, and activated the account: the application, and an actor who is signed in."""
    applying = Applying(ask, notify, **identity)
    applying.hand_in()
    with transactions.transaction() as tx:
        ask.service.record_waiting(tx, opened(applying))
        ask.service.open_account(tx, approved(applying))
        name = applying.identity["account_name"]
        account_id = tx.execute("SELECT account_id FROM account WHERE account_name = %s", (name,)).fetchone()[
            0
        ]
    ask("activate_account", activation_token=notify.last_link(name), password=password)
    return applying, an_owner(account_id, account_name=name)


def an_owner(account_id, **changes):
    """Somebody signed in with their own account."""
    return a_reviewer(
        **{
            "account_id": account_id,
            "display_name": "會員",
            "roles": frozenset({"member"}),
            "unit": None,
            "confirmed_at": datetime.now(UTC),
        }
        | changes
    )
