"""The versions of the privacy notice, on record:

`python -m accounts.consents.cli show`
`python -m accounts.consents.cli publish 2026-12 --from 2026-12-01 --zh FILE --en FILE --who OPERATOR --reason "…"`
`python -m accounts.consents.cli withdraw 2026-12 --who OPERATOR --reason "…"`

The first line of a file is the title; a blank line ends a paragraph. From its day on applicants agree to the new
version, and members are asked at their next login. Only a version that is not in force yet can be withdrawn.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from mtnet_chassis.data.database import Tx, connect_transactions
from mtnet_chassis.settings import env

from accounts.audit.store import AuditStore
from accounts.consents import actions
from accounts.consents.rules import LONGEST_BODY, Notice, NoticeNotValid, notice_text
from accounts.consents.store import ConsentStore


def main(arguments: list[str] | None = None) -> int:
    parsed = _parser().parse_args(arguments)
    transactions = connect_transactions(env("DATABASE_URL"), size=1)
    try:
        with transactions.transaction() as tx:
            said = _done(tx, parsed)
    except (NoticeNotValid, OSError, UnicodeDecodeError) as problem:
        sys.stderr.write(f"Not done: {problem}\n")
        return 1
    finally:
        transactions.close()
    sys.stdout.write(f"{said}\n")
    return 0


def _done(tx: Tx, parsed: argparse.Namespace) -> str:
    consents, now = ConsentStore(tx), datetime.now(UTC)
    if parsed.command == "publish":
        (zh, zh_body), (en, en_body) = _read(parsed.zh), _read(parsed.en)
        notice = Notice(
            parsed.version,
            parsed.effective_on,
            title={"zh-Hant": zh, "en": en},
            body={"zh-Hant": zh_body, "en": en_body},
        )
        actions.publish_notice(
            consents, AuditStore(tx), notice, who=parsed.who, reason=parsed.reason, now=now
        )
        return f"Version {notice.version} is in force from {notice.effective_on}; members are asked at their next login"
    if parsed.command == "withdraw":
        audit = AuditStore(tx)
        actions.withdraw_notice(
            consents, audit, parsed.version, who=parsed.who, reason=parsed.reason, now=now
        )
        return f"Version {parsed.version} was withdrawn"
    return "\n".join(
        f"{each.version:<20}  from {each.effective_on}  agreed to by {each.agreed} accounts"
        for each in actions.notices(consents)
    )


def _read(path: Path) -> tuple[str, str]:
    """Title and body. Raises OSError, UnicodeDecodeError, NoticeNotValid."""
    with path.open("rb") as file:
        # Four bytes a character at most, and space for the title.
        content = file.read(5 * LONGEST_BODY)
        if file.read(1):
            raise NoticeNotValid(f"{path} is longer than any notice")
    return notice_text(content.decode("utf-8-sig"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("show", help="all versions, and how many accounts have agreed to each")
    publish = commands.add_parser("publish", help="a new version")
    publish.add_argument("version", help="such as 2026-12")
    publish.add_argument(
        "--from", required=True, type=date.fromisoformat, dest="effective_on", help="a day, tomorrow or later"
    )
    publish.add_argument("--zh", required=True, type=Path, help="a file with the Chinese text")
    publish.add_argument("--en", required=True, type=Path, help="a file with the English text")
    withdraw = commands.add_parser("withdraw", help="take a version back that is not in force yet")
    withdraw.add_argument("version")
    for command in (publish, withdraw):
        command.add_argument("--who", required=True, help="the operator who does it")
        command.add_argument("--reason", required=True, help="who decided it, and by which paper")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
