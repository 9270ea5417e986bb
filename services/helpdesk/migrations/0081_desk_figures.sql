-- Figures of the desk: one row for each day in Taipei and each choice of channel, system and team, '' for all of them.
-- A day is counted anew when a ticket that was opened on it has changed, so nothing is ever counted over all tickets.

CREATE TABLE desk_day (
    channel            text NOT NULL,
    category           text NOT NULL,
    team               text NOT NULL,
    day                date NOT NULL,
    opened             integer NOT NULL,
    answered           integer NOT NULL,
    answered_in_time   integer NOT NULL,
    solved             integer NOT NULL,
    solved_in_time     integer NOT NULL,
    -- How many were opened in each hour, from 0 on, and how many were rated 1 to 5.
    hours              integer[] NOT NULL,
    ratings            integer[] NOT NULL,
    -- How many took so long: classes of desk_figures/rules.py, without the empty ones at the end.
    first_answer_times integer[] NOT NULL,
    solution_times     integer[] NOT NULL,
    PRIMARY KEY (channel, category, team, day)
);
CREATE INDEX desk_day_of ON desk_day (day);

-- Days on which something is to be counted anew; who changes a ticket adds one and waits for nobody.
CREATE TABLE desk_day_touched (
    day date NOT NULL
);
INSERT INTO desk_day_touched (day) SELECT DISTINCT (created_at AT TIME ZONE 'Asia/Taipei')::date FROM ticket;

CREATE FUNCTION note_days_of_made_tickets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO desk_day_touched (day) SELECT DISTINCT (created_at AT TIME ZONE 'Asia/Taipei')::date FROM made;
    RETURN NULL;
END $$;
CREATE FUNCTION note_days_of_changed_tickets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO desk_day_touched (day)
    SELECT DISTINCT (n.created_at AT TIME ZONE 'Asia/Taipei')::date FROM made n JOIN gone o USING (ticket_id)
    WHERE (n.channel, n.category, n.team, n.spam, n.merged_into, n.first_answered_at, n.first_answer_due_at,
           n.resolved_at, n.solution_due_at, n.satisfaction)
        IS DISTINCT FROM
          (o.channel, o.category, o.team, o.spam, o.merged_into, o.first_answered_at, o.first_answer_due_at,
           o.resolved_at, o.solution_due_at, o.satisfaction);
    RETURN NULL;
END $$;
CREATE TRIGGER ticket_made_on AFTER INSERT ON ticket REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION note_days_of_made_tickets();
CREATE TRIGGER ticket_changed_of AFTER UPDATE ON ticket REFERENCING NEW TABLE AS made OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION note_days_of_changed_tickets();
