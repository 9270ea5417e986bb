"""What protects an account beside its password: an authenticator app, passkeys, recovery codes."""
