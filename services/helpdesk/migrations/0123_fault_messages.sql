-- Texts on their way to those who reported a fault, and the tickets that each has not reached yet.
CREATE TABLE fault_message (
    position   integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    fault_id   uuid NOT NULL REFERENCES fault (fault_id) ON DELETE CASCADE,
    text_zh    text NOT NULL,
    text_en    text NOT NULL,
    then_state text,
    agent_id   uuid NOT NULL,
    agent_name text NOT NULL,
    begun_at   timestamptz NOT NULL
);
CREATE INDEX fault_message_of ON fault_message (fault_id);

CREATE TABLE fault_to_tell (
    position  integer NOT NULL REFERENCES fault_message (position) ON DELETE CASCADE,
    ticket_id uuid NOT NULL REFERENCES ticket (ticket_id) ON DELETE CASCADE,
    PRIMARY KEY (position, ticket_id)
);
CREATE INDEX fault_to_tell_ticket ON fault_to_tell (ticket_id);

-- Who cannot be written to has to be called.
ALTER TABLE fault_ticket ADD COLUMN unreachable boolean NOT NULL DEFAULT false;
