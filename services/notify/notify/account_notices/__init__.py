"""Account notices: what owners of accounts, and operators, are told about accounts."""
