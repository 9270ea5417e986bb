-- Questions that the helpdesk proposes for everybody, and what editors decided.

CREATE TABLE faq_draft (
    draft_id         uuid PRIMARY KEY,
    number           integer GENERATED ALWAYS AS IDENTITY UNIQUE,
    state            text NOT NULL CHECK (state IN ('proposed', 'published', 'declined')),
    category         text NOT NULL,
    question         jsonb NOT NULL CHECK (question ? 'zh-Hant' AND question ? 'en'),
    answer           jsonb NOT NULL CHECK (answer ? 'zh-Hant' AND answer ? 'en'),
    ticket_number    text NOT NULL,
    proposed_by      uuid NOT NULL,
    proposed_by_name text NOT NULL,
    proposed_at      timestamptz NOT NULL,
    decided_by_name  text,
    decided_at       timestamptz,
    reason           text NOT NULL DEFAULT '',
    slug             text,
    version          integer NOT NULL,
    CHECK ((state = 'proposed') = (decided_at IS NULL)),
    CHECK ((state = 'published') = (slug IS NOT NULL)),
    CHECK (state <> 'declined' OR reason <> '')
);
CREATE INDEX faq_draft_listed ON faq_draft (state, number DESC);
-- What retention forgets.
CREATE INDEX faq_draft_decided ON faq_draft (decided_at);
