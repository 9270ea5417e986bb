-- A chunk that was sent by one call: its people find the text among their messages, too. `sent`: not yet, until each has
-- a message of their own. The text is that of the version chosen when the chunk was made, at every try.
ALTER TABLE broadcast_chunk
    ADD COLUMN template_version integer,
    DROP CONSTRAINT broadcast_chunk_state_check,
    ADD CONSTRAINT broadcast_chunk_state_check CHECK (state IN ('waiting', 'open', 'sent', 'closed'));
