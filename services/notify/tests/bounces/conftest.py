"""Debian's Dovecot, as the chassis starts it for tests."""

from mtnet_chassis.testing.dovecot import dovecot, dovecot_server

__all__ = ["dovecot", "dovecot_server"]
