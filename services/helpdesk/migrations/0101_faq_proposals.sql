-- Questions for everybody that agents proposed from their tickets, and what content's editors decided.

CREATE TABLE faq_proposal (
    draft_id         uuid PRIMARY KEY,
    ticket_id        uuid NOT NULL REFERENCES ticket (ticket_id) ON DELETE CASCADE,
    state            text NOT NULL CHECK (state IN ('proposed', 'published', 'declined')),
    question         jsonb NOT NULL CHECK (question ? 'zh-Hant' AND question ? 'en'),
    proposed_by      uuid NOT NULL,
    proposed_by_name text NOT NULL,
    proposed_at      timestamptz NOT NULL,
    decided_at       timestamptz,
    reason           text NOT NULL DEFAULT '',
    slug             text
);
CREATE INDEX faq_proposal_of_ticket ON faq_proposal (ticket_id, proposed_at DESC);
-- One at a time.
CREATE UNIQUE INDEX faq_proposal_undecided ON faq_proposal (ticket_id) WHERE state = 'proposed';
