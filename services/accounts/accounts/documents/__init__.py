"""Forms and receipts as PDF, uploaded forms inspected and rebuilt, and their pages as pictures."""
