"""Who may file for vessels, from the portal's events: a stock Nameko service with SQLite."""

import os
import sqlite3

from nameko.events import event_handler
from nameko.extensions import DependencyProvider

TABLES = """
CREATE TABLE IF NOT EXISTS applied (event_id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS captain (
    account_id TEXT PRIMARY KEY, account_name TEXT NOT NULL, active INTEGER NOT NULL, sequence INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS history (account_id TEXT NOT NULL, what TEXT NOT NULL);
"""
db = sqlite3.connect(os.environ.get("STORE", "vessels.db"), isolation_level=None)
db.executescript(TABLES)


class Headers(DependencyProvider):
    """Those of the message: `cloudEvents_id`, `cloudEvents_type`, `cloudEvents_sequence` …"""

    def get_dependency(self, worker_ctx):
        return worker_ctx.context_data


class Vessels:
    name = os.environ.get("SYSTEM", "vessels")  # under which the system is registered
    headers = Headers()

    # The message is returned when the method raises; without `requeue_on_error` it would be lost.
    @event_handler("accounts", "AccountActivated", requeue_on_error=True)
    @event_handler("accounts", "AccountFrozen", requeue_on_error=True)
    def on_event(self, event):
        """The effect, in the transaction that also records the event as applied."""
        event_id, kind = self.headers["cloudEvents_id"], self.headers["cloudEvents_type"]
        with db:
            db.execute("BEGIN IMMEDIATE")
            if db.execute("INSERT OR IGNORE INTO applied VALUES (?)", (event_id,)).rowcount:
                self.handle(kind, int(self.headers["cloudEvents_sequence"]), event)

    def handle(self, kind, sequence, event):
        """Each event has a queue of its own, so a later one of an account may come first: it is not overwritten."""
        db.execute(
            "INSERT INTO captain VALUES (?, ?, ?, ?) ON CONFLICT (account_id) DO UPDATE SET"
            " active = excluded.active, sequence = excluded.sequence WHERE excluded.sequence > captain.sequence",
            (event["account_id"], event["account_name"], kind == "accounts.AccountActivated", sequence),
        )
        db.execute("INSERT INTO history VALUES (?, ?)", (event["account_id"], kind))
