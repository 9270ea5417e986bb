"""Links between persons and LINE users, and what LINE tells us of its users."""
