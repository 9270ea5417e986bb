"""What was held because one sender or thread brought more than a person writes, for an operator:

`python -m helpdesk.inbound.cli list`                                          what is held, oldest first
`python -m helpdesk.inbound.cli show ITEM`                                     its headers, addresses masked
`python -m helpdesk.inbound.cli release ITEM … --who OPERATOR --reason "…"`    let it in
`python -m helpdesk.inbound.cli discard ITEM … --who OPERATOR --reason "…"`    never let it in
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from mtnet_chassis.data.database import Transactions, connect_transactions
from mtnet_chassis.settings import env

from helpdesk.inbound import held
from helpdesk.inbound.rules import HeldItemNotFound


def main(arguments: list[str] | None = None) -> int:
    parsed = _parser().parse_args(arguments)
    transactions = connect_transactions(env("DATABASE_URL"), size=1)
    try:
        done: int = parsed.run(transactions, parsed)
        return done
    finally:
        transactions.close()


def _list(transactions: Transactions, parsed: argparse.Namespace) -> int:
    after: int | None = 0
    while after is not None:
        with transactions.transaction() as tx:
            page = held.held_items(tx, after)
        for each in page["items"]:
            sys.stdout.write(_line(each))
        after = page["next"]
    return 0


def _show(transactions: Transactions, parsed: argparse.Namespace) -> int:
    try:
        with transactions.transaction() as tx:
            found = held.held_item(tx, parsed.item)
    except HeldItemNotFound:
        return _not_held(parsed.item)
    sys.stdout.write(_line(found))
    for each in found["headers"]:
        sys.stdout.write(f"  {each['name']}: {each['value']}\n")
    return 0


def _decide(transactions: Transactions, parsed: argparse.Namespace) -> int:
    """Each by itself: what is held no more keeps no other."""
    failed = 0
    for item_id in parsed.items:
        try:
            with transactions.transaction() as tx:
                held.decide(tx, item_id, parsed.command, parsed.reason, parsed.who, datetime.now(UTC))
        except HeldItemNotFound:
            failed = _not_held(item_id)
        else:
            sys.stdout.write(f"{item_id} {parsed.command}d\n".replace("discardd", "discarded"))
    return failed


def _not_held(item_id: UUID) -> int:
    sys.stderr.write(f"{item_id} is not held, or no more\n")
    return 1


def _line(item: dict[str, Any]) -> str:
    because = {"sender": "too many of this sender", "thread": "too many in this thread"}
    told = because.get(item["because"] or "", "too many within an hour")
    return (
        f"{item['item_id']}  {item['received_at']:%Y-%m-%d %H:%M}Z  {item['channel']}  {item['size_bytes']} bytes"
        f"  {told}  {item['sender']}  {item['subject']}\n"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)

    def add(name: str, run: Callable[[Transactions, argparse.Namespace], int], words: str) -> Any:
        command = commands.add_parser(name, help=words)
        command.set_defaults(run=run)
        return command

    add("list", _list, "what is held, oldest first")
    add("show", _show, "the headers of one").add_argument("item", type=UUID)
    for name, words in (("release", "let it in"), ("discard", "never let it in")):
        decide = add(name, _decide, words)
        decide.add_argument("items", type=UUID, nargs="+")
        decide.add_argument("--who", required=True, help="who decides", type=_short(100))
        decide.add_argument("--reason", required=True, help="why; it is kept", type=_short(300))
    return parser


def _short(longest: int) -> Callable[[str], str]:
    def text(given: str) -> str:
        if not given.strip() or len(given) > longest:
            raise argparse.ArgumentTypeError(f"1 to {longest} characters")
        return given.strip()

    return text


if __name__ == "__main__":
    raise SystemExit(main())
