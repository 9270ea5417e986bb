"""The calls that content answers, by topic."""

from mtnet_contracts.calls.content import faq_drafts, pages, searching

__all__ = ["faq_drafts", "pages", "searching"]
