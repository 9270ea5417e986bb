"""What happens to an account that nobody uses: frozen, reminded, disabled; and the hourly clean-up."""
