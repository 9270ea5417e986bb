"""Answers of the helpdesk, to whoever wrote to it, by the channel they wrote by."""
