"""The accounts themselves: their states and names, reviewer administration and reactivation."""
