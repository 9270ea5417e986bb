-- Limits are for a mailbox, however its address is written; `recipient` stays what was typed and is written to.
ALTER TABLE challenge
    ADD COLUMN mailbox text,
    -- Asked for by a device that its owner had proved: strangers' questions do not count against it.
    ADD COLUMN known boolean NOT NULL DEFAULT false,
    ADD COLUMN account_id uuid REFERENCES account ON DELETE CASCADE;
UPDATE challenge SET mailbox = lower(recipient);
ALTER TABLE challenge ALTER COLUMN mailbox SET NOT NULL;
CREATE INDEX challenge_to_mailbox ON challenge (mailbox, created_at);
DROP INDEX challenge_to;
-- What a contact is compared by: two spellings of one domain are one address.
ALTER TABLE contact ADD COLUMN compared text;
UPDATE contact SET compared = value;
ALTER TABLE contact ALTER COLUMN compared SET NOT NULL;
