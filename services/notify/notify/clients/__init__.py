"""Other people's systems: a mail server over SMTP and a text message gateway over HTTP."""

from notify.clients.mail import MailChannel, SmtpChannel
from notify.clients.sms import HttpSmsChannel, SmsChannel

__all__ = ["HttpSmsChannel", "MailChannel", "SmsChannel", "SmtpChannel"]
