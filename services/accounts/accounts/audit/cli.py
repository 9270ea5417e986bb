"""Verify the audit log: `python -m accounts.audit.cli [--full]`.

After looking into a break, let the daily run go on behind it: `--accept POSITION --who OPERATOR --reason "…"`.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime

from mtnet_chassis.data.database import Transactions, connect_transactions
from mtnet_chassis.settings import env

from accounts.audit import actions
from accounts.audit.rules import Break, NoSuchBreak
from accounts.audit.store import AuditStore


def run(transactions: Transactions, *, full: bool) -> int:
    """Verify and print what was found. Returns 1 when something is broken that nobody has accepted, else 0."""
    with transactions.transaction() as tx:
        audit = AuditStore(tx)
        verified, breaks = actions.verify(audit, datetime.now(UTC), full=full)
        accepted = audit.accepted_breaks()
    for each in breaks:
        sys.stdout.write(_described(each, each.position in accepted))
    if verified.broken_position is not None:
        sys.stdout.write(f"The audit log is broken at entry {verified.broken_position}.\n")
        return 1
    sys.stdout.write(
        f"The audit log holds up to entry {verified.position}, hash {verified.hash.hex()}."
        " Keep this line elsewhere: it tells later whether everything was written anew.\n"
    )
    return 0


def _described(each: Break, accepted: bool) -> str:
    lines = [f"entry {each.position}: {each.what}{' (accepted)' if accepted else ''}\n"]
    if each.stored is not None:
        entry = each.stored.entry
        facts = {
            "at": entry.at.isoformat(),
            "actor": entry.actor_account_id and str(entry.actor_account_id),
            "action": entry.action,
            "subject": entry.subject_id and str(entry.subject_id),
            "detail": entry.detail,
            "ip": entry.ip,
        }
        lines.append(f"  {json.dumps(facts, ensure_ascii=False)}\n")
    return "".join(lines)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--full", action="store_true", help="from the first entry, not from where it was verified"
    )
    parser.add_argument("--accept", metavar="POSITION", type=int, help="this break was looked into")
    parser.add_argument("--who", help="with --accept: the operator who looked")
    parser.add_argument("--reason", help="with --accept: what was found")
    parsed = parser.parse_args(arguments)
    if parsed.accept is not None and not (parsed.who and parsed.reason):
        parser.error("--accept wants --who and --reason: both go on record")
    transactions = connect_transactions(env("DATABASE_URL"), size=1)
    try:
        if parsed.accept is not None:
            with transactions.transaction() as tx:
                actions.accept_break(
                    AuditStore(tx), parsed.accept, who=parsed.who, reason=parsed.reason, now=datetime.now(UTC)
                )
        return run(transactions, full=parsed.full)
    except NoSuchBreak:
        sys.stderr.write(f"Nothing is wrong at entry {parsed.accept}.\n")
        return 1
    finally:
        transactions.close()


if __name__ == "__main__":
    raise SystemExit(main())
