"""What notices are for people: how important they are, and who may decide where they go."""

from enum import StrEnum

from mtnet_contracts.vocabulary.texts import N_


class Category(StrEnum):
    """Legal and security notices cannot be switched off; where the others go, the person chooses."""

    LEGAL = "legal"
    SECURITY = "security"
    REMINDER = "reminder"
    INFORMATION = "information"


CATEGORIES = {
    Category.LEGAL: N_("Decisions and deadlines"),
    Category.SECURITY: N_("Security of the account"),
    Category.REMINDER: N_("Reminders"),
    Category.INFORMATION: N_("Information"),
}
