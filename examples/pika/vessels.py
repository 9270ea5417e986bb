"""Who may file for vessels, from the portal's events: plain pika and SQLite."""

import json
import os
import sqlite3

import pika

TABLES = """
CREATE TABLE IF NOT EXISTS applied (subject TEXT PRIMARY KEY, sequence INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS captain (account_id TEXT PRIMARY KEY, account_name TEXT NOT NULL, active INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS history (account_id TEXT NOT NULL, what TEXT NOT NULL);
"""


def apply(db, headers, event):
    """The effect, in the transaction that also stores how far the account has come."""
    subject, sequence = headers["cloudEvents_subject"], int(headers["cloudEvents_sequence"])
    db.execute("BEGIN IMMEDIATE")
    row = db.execute("SELECT sequence FROM applied WHERE subject = ?", (subject,)).fetchone()
    if row is None or sequence > row[0]:
        handle(db, headers["cloudEvents_type"], event)
        db.execute("INSERT OR REPLACE INTO applied VALUES (?, ?)", (subject, sequence))
    db.execute("COMMIT")


def handle(db, kind, event):
    """Your own part."""
    if kind not in ("accounts.AccountActivated", "accounts.AccountFrozen"):
        return
    active = kind == "accounts.AccountActivated"
    captain = (event["account_id"], event["account_name"], active)
    db.execute("INSERT OR REPLACE INTO captain VALUES (?, ?, ?)", captain)
    db.execute("INSERT INTO history VALUES (?, ?)", (event["account_id"], kind))


def main():
    db = sqlite3.connect(os.environ.get("STORE", "vessels.db"), isolation_level=None)
    db.executescript(TABLES)
    connection = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"]))
    channel = connection.channel()
    channel.basic_qos(prefetch_count=50)
    for method, properties, body in channel.consume(f"downstream.{os.environ.get('SYSTEM', 'vessels')}"):
        try:
            event = json.loads(body)
        except ValueError:
            channel.basic_reject(method.delivery_tag, requeue=False)  # a dead letter
            continue
        apply(db, properties.headers, event)  # an error ends the program: see README
        channel.basic_ack(method.delivery_tag)


if __name__ == "__main__":
    main()
