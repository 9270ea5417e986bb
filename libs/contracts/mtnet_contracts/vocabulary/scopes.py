"""What a downstream system may ask of the API, each granted to it by an operator."""

ACCOUNTS_READ = "accounts.read"
CASES_READ = "cases.read"
SNAPSHOTS_READ = "snapshots.read"

# What each lets a system see, for whoever grants it. All of them show personal data.
SCOPES: dict[str, str] = {
    ACCOUNTS_READ: "the accounts of its own system: names, states, roles, organisations",
    CASES_READ: "the cases of the portal: numbers, states, applicants",
    SNAPSHOTS_READ: "all accounts and cases as they are now, to begin from or to catch up",
}
