"""Hand an application in, hand it in again, or take it back; and the account name it reserves."""
