"""Messages to many: written, looked at, counted, started and watched by operators."""
