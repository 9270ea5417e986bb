-- Which change of the whole table was the last of a page: what the search index follows.

CREATE SEQUENCE page_change;
ALTER TABLE page ADD COLUMN change bigint;
UPDATE page SET change = nextval('page_change');
ALTER TABLE page ALTER COLUMN change SET NOT NULL;
ALTER SEQUENCE page_change OWNED BY page.change;
CREATE UNIQUE INDEX page_by_change ON page (change);

-- Which database this is: an index that was made from another one is made anew.
CREATE TABLE page_source (
    source_id uuid PRIMARY KEY DEFAULT gen_random_uuid()
);
INSERT INTO page_source DEFAULT VALUES;
