"""The telephones and mailboxes of an application: a code goes to each, and verifies it when it comes back."""
