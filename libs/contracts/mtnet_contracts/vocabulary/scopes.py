"""What a downstream system may ask of the API, each granted to it by an operator."""

ACCOUNTS_READ = "accounts.read"
CASES_READ = "cases.read"
SNAPSHOTS_READ = "snapshots.read"

# What each lets a system see, for whoever grants it. Each is granted with a reason and for a year at most.
SCOPES: dict[str, str] = {
    ACCOUNTS_READ: "the accounts of its own system: names, states, roles, organisations",
    CASES_READ: "all cases as they are now: numbers, states, units, days; nobody's name and no answer",
    SNAPSHOTS_READ: "all accounts as they are now, to begin from or to catch up",
}
