"""Who may file for vessels, from the portal's events: a webhook, with standardwebhooks and SQLite."""

import json
import os
import sqlite3
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook, WebhookVerificationError

TABLES = """
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS applied (event_id TEXT PRIMARY KEY, at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE IF NOT EXISTS captain (
    account_id TEXT PRIMARY KEY, account_name TEXT NOT NULL, active INTEGER NOT NULL, sequence INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS history (account_id TEXT NOT NULL, what TEXT NOT NULL);
"""
# The portal can send an event again for fourteen days: whoever remembers ids for longer knows each double.
FORGET = "DELETE FROM applied WHERE at < datetime('now', '-30 days')"
LARGEST_BODY = 1024 * 1024


def connect():
    return sqlite3.connect(os.environ.get("STORE", "vessels.db"), isolation_level=None, timeout=10)


def apply(headers, event):
    """The effect, in the transaction that also stores the event's id."""
    with closing(connect()) as db:
        db.execute("BEGIN IMMEDIATE")
        new = db.execute("INSERT OR IGNORE INTO applied (event_id) VALUES (?)", (headers["webhook-id"],))
        if new.rowcount:
            handle(db, headers["ce-type"], int(headers.get("ce-sequence", "0")), event)
        db.execute("COMMIT")


def handle(db, kind, sequence, event):
    """Your own part. What is older than what is stored changes nothing: an operator may have an event sent again."""
    if kind not in ("accounts.AccountActivated", "accounts.AccountFrozen"):
        return
    active = kind == "accounts.AccountActivated"
    db.execute(
        "INSERT INTO captain VALUES (?, ?, ?, ?) ON CONFLICT (account_id) DO UPDATE SET account_name ="
        " excluded.account_name, active = excluded.active, sequence = excluded.sequence"
        " WHERE excluded.sequence > captain.sequence",
        (event["account_id"], event["account_name"], active, sequence),
    )
    db.execute("INSERT INTO history VALUES (?, ?)", (event["account_id"], kind))


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # the connection is kept from event to event
    timeout = 60
    # Two while the secret is being renewed, with a blank between them.
    webhooks = tuple(Webhook(secret) for secret in os.environ["WEBHOOK_SECRETS"].split())

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        if not 0 <= length <= LARGEST_BODY:  # below 0, all that comes would be read
            self.close_connection = True
            return self.answer(413)
        body = self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        if not any(is_signed(webhook, body, headers) for webhook in self.webhooks):
            return self.answer(401)
        apply(headers, json.loads(body))  # an error answers nothing: the portal sends the event again
        return self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()


def is_signed(webhook, body, headers):
    try:
        webhook.verify(body, headers)
    except WebhookVerificationError:
        return False
    return True


def main():
    with closing(connect()) as db:
        db.executescript(TABLES)
        db.execute(FORGET)
    ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "9000"))), Receiver).serve_forever()


if __name__ == "__main__":
    main()
