-- The search over tickets follows numbered changes. Who changes a ticket notes it and waits for nobody; who follows gives
-- the numbers, one transaction at a time, so that none is visible before a smaller one.

CREATE TABLE ticket_touched (
    ticket_id uuid NOT NULL
);

-- The last change of each ticket; of one that was forgotten, until every index has had the time to hear of it.
CREATE TABLE ticket_change (
    ticket_id uuid PRIMARY KEY,
    change    bigint NOT NULL UNIQUE,
    gone_at   timestamptz
);
CREATE SEQUENCE ticket_change_number OWNED BY ticket_change.change;
CREATE INDEX ticket_change_gone ON ticket_change (gone_at) WHERE gone_at IS NOT NULL;

-- Which database this is, and up to which change forgotten tickets are known no more: an index of another database, or
-- one that has not followed for so long, is filled anew.
CREATE TABLE ticket_search_source (
    source_id    uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    forgotten_to bigint NOT NULL DEFAULT 0
);
INSERT INTO ticket_search_source DEFAULT VALUES;

INSERT INTO ticket_change (ticket_id, change)
SELECT ticket_id, nextval('ticket_change_number') FROM (SELECT ticket_id FROM ticket ORDER BY created_at) known;

-- By triggers, since many acts of many topics change what is found. A lease is not.
CREATE FUNCTION note_tickets_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ticket_touched (ticket_id) SELECT DISTINCT ticket_id FROM made;
    RETURN NULL;
END $$;
CREATE FUNCTION note_tickets_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ticket_touched (ticket_id) SELECT DISTINCT ticket_id FROM gone;
    RETURN NULL;
END $$;
CREATE FUNCTION note_tickets_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ticket_touched (ticket_id)
    SELECT ticket_id FROM made n JOIN gone o USING (ticket_id)
    WHERE (n.number, n.subject, n.requester_id, n.channel, n.state, n.priority, n.category, n.owner_id, n.team, n.spam,
           n.merged_into)
        IS DISTINCT FROM
          (o.number, o.subject, o.requester_id, o.channel, o.state, o.priority, o.category, o.owner_id, o.team, o.spam,
           o.merged_into);
    -- What one thread shows is found under its number; parted, under two.
    INSERT INTO ticket_touched (ticket_id)
    SELECT o.merged_into FROM made n JOIN gone o USING (ticket_id)
    WHERE o.merged_into IS NOT NULL AND o.merged_into IS DISTINCT FROM n.merged_into;
    RETURN NULL;
END $$;
CREATE TRIGGER ticket_made AFTER INSERT ON ticket REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION note_tickets_made();
CREATE TRIGGER ticket_changed AFTER UPDATE ON ticket REFERENCING NEW TABLE AS made OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION note_tickets_changed();
CREATE TRIGGER ticket_gone AFTER DELETE ON ticket REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION note_tickets_gone();

-- A row of a thread moves when a ticket is split. What became of an answer is not searched for.
CREATE FUNCTION note_tickets_of_moved_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ticket_touched (ticket_id)
    SELECT unnest(ARRAY[n.ticket_id, o.ticket_id]) FROM made n JOIN gone o USING (entry_id)
    WHERE (n.ticket_id, n.text) IS DISTINCT FROM (o.ticket_id, o.text);
    RETURN NULL;
END $$;
CREATE TRIGGER entry_made AFTER INSERT ON entry REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION note_tickets_made();
CREATE TRIGGER entry_moved AFTER UPDATE ON entry REFERENCING NEW TABLE AS made OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION note_tickets_of_moved_entries();
