"""Who may file for vessels, from the portal's events: the package mtnet-subscriber."""

import os

from mtnet_subscriber import SqliteStore, Subscriber

subscriber = Subscriber(
    os.environ["AMQP_URL"],
    system=os.environ.get("SYSTEM", "vessels"),
    store=SqliteStore(os.environ.get("STORE", "vessels.db")),
    tables=[
        "CREATE TABLE IF NOT EXISTS captain (account_id PRIMARY KEY, account_name, active)",
        "CREATE TABLE IF NOT EXISTS history (account_id, what)",
    ],
)


@subscriber.on("accounts", "AccountActivated")
@subscriber.on("accounts", "AccountFrozen")
def changed(event, db):
    account, active = event.data["account_id"], event.name == "AccountActivated"
    db.execute(
        "INSERT OR REPLACE INTO captain VALUES (?, ?, ?)", (account, event.data["account_name"], active)
    )
    db.execute("INSERT INTO history VALUES (?, ?)", (account, f"{event.source}.{event.name}"))


if __name__ == "__main__":
    subscriber.catch_up()
    subscriber.run()
