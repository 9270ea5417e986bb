-- The days that follow from the owner's last activity, computed by inactivity/rules.py whenever it changes. A run
-- compares them with today. The numbers here are those of the day of this migration: it only fills in what was not stored.
ALTER TABLE account ADD COLUMN freeze_on date, ADD COLUMN remind_on date,
    ADD COLUMN disabled_at timestamptz, ADD COLUMN closed_at timestamptz;
UPDATE account SET
    freeze_on = active_on + 90,
    disable_on = coalesce(disable_on, (active_on + interval '12 months')::date),
    remind_on = CASE
        WHEN reminded_days IS NULL THEN (active_on + interval '12 months')::date - 30
        WHEN reminded_days > 7 THEN disable_on - 7
    END;
ALTER TABLE account ALTER COLUMN freeze_on SET NOT NULL, ALTER COLUMN disable_on SET NOT NULL;

DROP INDEX account_to_freeze;
DROP INDEX account_to_remind;
DROP INDEX account_to_remind_again;
CREATE INDEX account_to_freeze ON account (freeze_on) WHERE state = 'active';
CREATE INDEX account_to_remind ON account (remind_on) WHERE state IN ('active', 'frozen') AND remind_on IS NOT NULL;
CREATE INDEX account_to_disable ON account (disable_on) WHERE state IN ('active', 'frozen') AND remind_on IS NULL;

-- The report of each lifecycle run. Its counts are written with the changes that they count.
CREATE TABLE lifecycle_run (
    run_id       uuid PRIMARY KEY,
    started_by   text        NOT NULL,
    as_of        date        NOT NULL,
    started_at   timestamptz NOT NULL,
    last_step_at timestamptz NOT NULL,
    finished_at  timestamptz,
    frozen       integer     NOT NULL DEFAULT 0,
    reminded     integer     NOT NULL DEFAULT 0,
    disabled     integer     NOT NULL DEFAULT 0
);
CREATE INDEX lifecycle_run_by_age ON lifecycle_run (started_at DESC, run_id);
-- What each run did to each account.
CREATE TABLE lifecycle_change (
    run_id       uuid   NOT NULL REFERENCES lifecycle_run ON DELETE CASCADE,
    position     bigint GENERATED ALWAYS AS IDENTITY,
    account_id   uuid   NOT NULL,
    account_name text   NOT NULL,
    step         text   NOT NULL,
    active_on    date   NOT NULL,
    notice_days  integer,
    disable_on   date,
    PRIMARY KEY (run_id, position)
);
