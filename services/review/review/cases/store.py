"""SQL of cases: the case and its stages, what was submitted, the history, and the queue of a unit."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, NamedTuple
from unicodedata import normalize
from uuid import UUID

from mtnet_chassis.data.database import Tx
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from review.cases.rules import Case, CaseNotFound, Claim, Reason, Reviewer, State, Submission
from review.routes.rules import Stage

CASE_COLUMNS = (
    "application_id, case_number, identity_type, account_name, person_key, applicant_name, company_name,"
    " route_id, stage, state, version, submission, submitted_at, waiting_since, due_on, resubmit_by,"
    " claimed_by, claimed_by_name, claim_expires_at"
)
# Each tab as a condition on review_case c. `decided` needs a join (see queue), and is the only one that grows for ever.
TABS = {
    "all": "c.unit = %(unit)s AND c.state = 'open'",
    "mine": "c.unit = %(unit)s AND c.state = 'open'"
    " AND c.claimed_by = %(account_id)s AND c.claim_expires_at > %(now)s",
    "unclaimed": "c.unit = %(unit)s AND c.state = 'open'"
    " AND (c.claimed_by IS NULL OR c.claim_expires_at <= %(now)s)",
    "returned": "c.unit = %(unit)s AND c.state = 'returned'",
    "overdue": "c.unit = %(unit)s AND c.state = 'open' AND c.due_on < %(today)s",
    "decided": "h.unit = %(unit)s AND h.handled_at IS NOT NULL"
    " AND NOT (c.unit = %(unit)s AND c.state IN ('open', 'returned'))",
}
ORDERS = {
    "oldest": "c.waiting_since, c.application_id",
    "newest": "c.waiting_since DESC, c.application_id DESC",
    "due": "c.due_on, c.waiting_since, c.application_id",
    "case_number": "c.case_number",
}


@dataclass(frozen=True)
class QueueLine:
    """One line of a unit's queue."""

    application_id: UUID
    case_number: str
    identity_type: str
    company_name: str | None
    applicant_name: str
    state: str
    unit: str
    stage: int
    stages: int
    submission: int
    submitted_at: datetime
    waiting_since: datetime
    due_on: date
    overdue: bool
    claimed_by: str | None
    claimed_by_me: bool


LINE_COLUMNS = len(fields(QueueLine))


class QueuePage(NamedTuple):
    """Some lines of a tab, how many it has in all, and how many each tab has without a filter, but for `decided`."""

    lines: list[QueueLine]
    total: int
    counts: dict[str, int]


@dataclass(frozen=True)
class Entry:
    """One line of the history (審核歷程)."""

    at: datetime
    action: str
    actor_name: str | None
    unit: str | None
    submission: int
    reasons: list[dict[str, str]]
    note: str


def searchable(text: str) -> str:
    """Full-width and plain, upper and lower case, 臺 and 台 find each other."""
    return normalize("NFKC", text).casefold().replace("臺", "台")


class CaseStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    # Cases.

    def case(self, application_id: UUID) -> Case:
        """Raises CaseNotFound."""
        return self._case(application_id, "")

    def case_for_update(self, application_id: UUID) -> Case:
        """The case, locked until the transaction ends. Raises CaseNotFound."""
        return self._case(application_id, " FOR UPDATE")

    def _case(self, application_id: UUID, lock: str) -> Case:
        with self._tx.cursor(row_factory=dict_row) as cursor:
            row = cursor.execute(
                f"SELECT {CASE_COLUMNS} FROM review_case WHERE application_id = %s{lock}", (application_id,)
            ).fetchone()
        if row is None:
            raise CaseNotFound
        with self._tx.cursor(row_factory=class_row(Stage)) as cursor:
            stages = cursor.execute(
                "SELECT unit, deadline_days, handled_at FROM case_stage WHERE application_id = %s"
                " ORDER BY stage",
                (application_id,),
            ).fetchall()
        claimed_by, name, expires_at = (
            row.pop(column) for column in ("claimed_by", "claimed_by_name", "claim_expires_at")
        )
        claim = Claim(claimed_by, name, expires_at) if claimed_by else None
        state = State(row.pop("state"))
        return Case(**row, state=state, stages=tuple(stages), claim=claim)

    def save_case(self, case: Case) -> None:
        claim = case.claim
        searched = (case.case_number, case.account_name, case.applicant_name, case.company_name or "")
        values = {column: getattr(case, column, None) for column in CASE_COLUMNS.split(", ")} | {
            "stages": len(case.stages),
            "unit": case.unit,
            "claimed_by": claim and claim.account_id,
            "claimed_by_name": claim and claim.name,
            "claim_expires_at": claim and claim.expires_at,
            "search_text": searchable("\n".join(searched)),
        }
        columns = ", ".join(values)
        self._tx.execute(
            f"INSERT INTO review_case ({columns}) VALUES ({', '.join(f'%({c})s' for c in values)})"
            f" ON CONFLICT (application_id) DO UPDATE SET {', '.join(f'{c} = EXCLUDED.{c}' for c in values)}",
            values,
        )
        with self._tx.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO case_stage (application_id, stage, unit, deadline_days, handled_at)"
                " VALUES (%s, %s, %s, %s, %s)"
                " ON CONFLICT (application_id, stage) DO UPDATE SET handled_at = EXCLUDED.handled_at",
                [
                    (case.application_id, number, stage.unit, stage.deadline_days, stage.handled_at)
                    for number, stage in enumerate(case.stages, start=1)
                ],
            )

    # Submissions and history.

    def add_submission(self, application_id: UUID, submission: Submission) -> None:
        self._tx.execute(
            "INSERT INTO submission (application_id, submission, submitted_at, account_name, person_key,"
            " masked_id_number, applicant_name, company_name, answers, form, duplicates)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                application_id,
                submission.submission,
                submission.submitted_at,
                submission.account_name,
                submission.person_key,
                submission.masked_id_number,
                submission.applicant_name,
                submission.company_name,
                Jsonb(submission.answers),
                Jsonb(submission.form) if submission.form is not None else None,
                Jsonb(submission.duplicates),
            ),
        )

    def latest_submissions(self, application_id: UUID) -> list[Submission]:
        """The last and, where there is one, the one before; newest first."""
        with self._tx.cursor(row_factory=class_row(Submission)) as cursor:
            return cursor.execute(
                "SELECT submission, submitted_at, account_name, person_key, masked_id_number,"
                " applicant_name, company_name, answers, form, duplicates FROM submission"
                " WHERE application_id = %s ORDER BY submission DESC LIMIT 2",
                (application_id,),
            ).fetchall()

    def add_entry(
        self,
        case: Case,
        action: str,
        at: datetime,
        *,
        by: Reviewer | None = None,
        reasons: tuple[Reason, ...] = (),
        note: str = "",
    ) -> None:
        self._tx.execute(
            "INSERT INTO case_entry (application_id, at, action, account_id, actor_name, unit, submission,"
            " reasons, note) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                case.application_id,
                at,
                action,
                by and by.account_id,
                by and by.name,
                by and by.unit,
                case.submission,
                Jsonb([{"code": reason.code, "field": reason.field} for reason in reasons]),
                note,
            ),
        )

    def history(self, application_id: UUID) -> list[Entry]:
        """Oldest first."""
        with self._tx.cursor(row_factory=class_row(Entry)) as cursor:
            return cursor.execute(
                "SELECT at, action, actor_name, unit, submission, reasons, note FROM case_entry"
                " WHERE application_id = %s ORDER BY entry_id",
                (application_id,),
            ).fetchall()

    # The queue.

    def queue(
        self,
        reviewer: Reviewer,
        now: datetime,
        today: date,
        *,
        tab: str,
        identity_type: str | None,
        search: str | None,
        sort: str,
        limit: int,
        offset: int,
    ) -> QueuePage:
        """One page, and what stands beside it, in one statement: the counts follow what the unit has before it
        (index review_case_live)."""
        values: dict[str, Any] = _whose(reviewer, now, today) | {
            "identity_type": identity_type,
            "pattern": f"%{_like(searchable(search))}%" if search else None,
            "limit": limit,
            "offset": offset,
        }
        source = "review_case c"
        if tab == "decided":
            # One line per case, also where a unit has two stages of one route.
            source = (
                "(SELECT application_id, unit, max(handled_at) AS handled_at FROM case_stage"
                " WHERE unit = %(unit)s AND handled_at IS NOT NULL GROUP BY application_id, unit) h"
                " JOIN review_case c USING (application_id)"
            )
        conditions = [TABS[tab]]
        if identity_type:
            conditions.append("c.identity_type = %(identity_type)s")
        if search:
            conditions.append("c.search_text LIKE %(pattern)s")
        where = " AND ".join(conditions)
        counted = [each for each in TABS if each != "decided"]
        counts = ", ".join(f"count(*) FILTER (WHERE {TABS[each]}) AS {each}_count" for each in counted)
        unfiltered = tab in counted and len(conditions) == 1
        total = f"{tab}_count" if unfiltered else f"(SELECT count(*) FROM {source} WHERE {where})"
        rows = self._tx.execute(
            f"SELECT c.*, n.*, {total} FROM"
            f" (SELECT {counts} FROM review_case c WHERE c.unit = %(unit)s AND c.state IN ('open', 'returned')) n"
            " LEFT JOIN LATERAL ("
            "SELECT c.application_id, c.case_number, c.identity_type, c.company_name, c.applicant_name,"
            " c.state, c.unit, c.stage, c.stages, c.submission, c.submitted_at, c.waiting_since,"
            " c.due_on,"
            " (c.state = 'open' AND c.due_on < %(today)s) AS overdue,"
            " CASE WHEN c.claim_expires_at > %(now)s THEN c.claimed_by_name END AS claimed_by,"
            " coalesce(c.claimed_by = %(account_id)s AND c.claim_expires_at > %(now)s, false)"
            " AS claimed_by_me"
            f" FROM {source} WHERE {where} ORDER BY {ORDERS[sort]} LIMIT %(limit)s OFFSET %(offset)s"
            f") c ON true ORDER BY {ORDERS[sort]}",
            values,
        ).fetchall()
        # Without a line there is one row, which has the counts alone.
        lines = [QueueLine(*row[:LINE_COLUMNS]) for row in rows if row[0] is not None]
        *by_tab, total_count = rows[0][LINE_COLUMNS:]
        return QueuePage(lines, total_count, dict(zip(counted, by_tab, strict=True)))

    def live_cases_of(self, unit: str, *, after: UUID | None, limit: int) -> list[UUID]:
        """Applications that the unit has before it or has returned, by id (index review_case_live)."""
        rows = self._tx.execute(
            "SELECT application_id FROM review_case WHERE unit = %(unit)s AND state IN ('open', 'returned')"
            " AND (%(after)s::uuid IS NULL OR application_id > %(after)s) ORDER BY application_id LIMIT %(limit)s",
            {"unit": unit, "after": after, "limit": limit},
        ).fetchall()
        return [row[0] for row in rows]


def _whose(reviewer: Reviewer, now: datetime, today: date) -> dict[str, Any]:
    return {"unit": reviewer.unit, "account_id": reviewer.account_id, "now": now, "today": today}


def _like(text: str) -> str:
    """The text as itself in a LIKE pattern."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
