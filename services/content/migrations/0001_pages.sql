-- Announcements, news and questions, in both languages.

CREATE TABLE page (
    page_id           uuid PRIMARY KEY,
    kind              text NOT NULL CHECK (kind IN ('announcement', 'news', 'faq')),
    slug              text NOT NULL CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    category          text,
    title             jsonb NOT NULL CHECK (title ? 'zh-Hant' AND title ? 'en'),
    body              jsonb NOT NULL CHECK (body ? 'zh-Hant' AND body ? 'en'),
    pinned            boolean NOT NULL DEFAULT false,
    published_at      timestamptz NOT NULL,
    expires_at        timestamptz,
    version           integer NOT NULL,
    announced_version integer NOT NULL DEFAULT 0,
    UNIQUE (kind, slug),
    CHECK (expires_at IS NULL OR expires_at > published_at)
);

-- The public list of a kind, and of a category of it.
CREATE INDEX page_listed ON page (kind, pinned DESC, published_at DESC, page_id);
CREATE INDEX page_listed_by_category ON page (kind, category, pinned DESC, published_at DESC, page_id);
-- What became public and was not announced yet.
CREATE INDEX page_to_announce ON page (published_at) WHERE announced_version < version;
