-- Since when a contact and its language have been what they are: what was true later stays, whichever event comes first.
ALTER TABLE account_contact ADD COLUMN as_of timestamptz NOT NULL DEFAULT '-infinity';
ALTER TABLE account_contact ADD COLUMN locale_as_of timestamptz NOT NULL DEFAULT '-infinity';
