-- For databases made with the first form of 0001 and 0002, a few minutes of this project's life; elsewhere it changes nothing.
ALTER TABLE challenge ADD COLUMN IF NOT EXISTS asked bytea;
CREATE INDEX IF NOT EXISTS challenge_asked ON challenge (asked, created_at) WHERE asked IS NOT NULL;
CREATE INDEX IF NOT EXISTS challenge_by_age ON challenge (created_at);

ALTER TABLE session ADD COLUMN IF NOT EXISTS previous_login_at timestamptz;

ALTER TABLE account ADD COLUMN IF NOT EXISTS reminded_days integer;
ALTER TABLE account ADD COLUMN IF NOT EXISTS disable_on date;
ALTER TABLE account DROP COLUMN IF EXISTS failed_logins;
ALTER TABLE account DROP COLUMN IF EXISTS locked_until;
DROP TABLE IF EXISTS reminder_sent;
DROP INDEX account_to_remind;
CREATE INDEX account_to_remind ON account (active_on) WHERE state IN ('active', 'frozen') AND reminded_days IS NULL;
CREATE INDEX IF NOT EXISTS account_to_remind_again ON account (disable_on)
    WHERE state IN ('active', 'frozen') AND reminded_days = 30;

CREATE TABLE IF NOT EXISTS failed_login (
    name_index   bytea PRIMARY KEY,
    failures     integer     NOT NULL,
    last_at      timestamptz NOT NULL,
    locked_until timestamptz
);
CREATE INDEX IF NOT EXISTS failed_login_by_age ON failed_login (last_at);
