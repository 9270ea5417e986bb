"""The panel beside a ticket: who the person is, and what they wrote before."""
