"""What operators see of providers: whether they take messages, and how much went out."""
