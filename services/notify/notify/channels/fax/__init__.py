"""Fax: a message becomes pages, which a mail-to-fax gateway or a HylaFAX server sends."""
