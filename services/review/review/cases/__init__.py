"""Cases: taken in from accounts, claimed and decided by the units, shown to their reviewers."""
