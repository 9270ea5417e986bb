-- Texts of operators, above those that the release brings (docs/adr: Operators' texts stand above the files).
-- A version never changes: a message names the one that it was written with. Those of the release have numbers below.
CREATE SEQUENCE template_version_number AS integer START 1000;
CREATE TABLE template_version (
    version         integer PRIMARY KEY DEFAULT nextval('template_version_number'),
    kind            text NOT NULL,
    locale          text NOT NULL,
    -- The release's template that it was written for: where it says nothing of its own, that one speaks.
    release_version integer NOT NULL,
    parts           jsonb NOT NULL,
    -- Sent to its author to be looked at, and never to anybody else.
    is_test         boolean NOT NULL DEFAULT false,
    restored_from   integer,
    reason          text NOT NULL,
    author_id       uuid NOT NULL,
    author          text NOT NULL,
    published_at    timestamptz NOT NULL
);
CREATE INDEX template_version_of_kind ON template_version (kind, locale, version DESC) WHERE NOT is_test;
CREATE INDEX template_test_of_author ON template_version (author_id, published_at) WHERE is_test;

-- What new messages are written with; where there is no row, with the release's text.
CREATE TABLE template_in_use (
    kind            text NOT NULL,
    locale          text NOT NULL,
    version         integer NOT NULL REFERENCES template_version (version),
    release_version integer NOT NULL,
    PRIMARY KEY (kind, locale)
);

-- What is being written, one for each kind and language. `revision` counts what was saved, published or taken back, so
-- that of two who write at once the second is told.
CREATE TABLE template_draft (
    kind      text NOT NULL,
    locale    text NOT NULL,
    revision  integer NOT NULL,
    parts     jsonb,
    author    text,
    saved_at  timestamptz,
    PRIMARY KEY (kind, locale)
);

-- The version that a message is written with: the operator's, where there is one for this template of the release.
-- Asked inside the INSERT of messages: what is published counts from its commit on, in every replica.
CREATE FUNCTION template_version_for(of_kind text, in_locale text, of_release integer) RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(
        (SELECT version FROM template_in_use
         WHERE kind = of_kind AND locale = in_locale AND release_version = of_release),
        of_release)
$$;
