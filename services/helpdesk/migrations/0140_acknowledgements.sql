-- Which tickets were acknowledged, to which mailbox: counted, since whoever forges a sender has us write to them.
CREATE TABLE acknowledgement (
    ticket_id uuid PRIMARY KEY REFERENCES ticket (ticket_id) ON DELETE CASCADE,
    mailbox   text NOT NULL CHECK (length(mailbox) <= 254),
    sent_at   timestamptz NOT NULL
);
CREATE INDEX acknowledgement_to ON acknowledgement (mailbox, sent_at);
CREATE INDEX acknowledgement_sent ON acknowledgement (sent_at);
