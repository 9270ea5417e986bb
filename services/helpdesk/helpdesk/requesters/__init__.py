"""Who writes to the desk: addresses, the account behind them, two that are one person."""
