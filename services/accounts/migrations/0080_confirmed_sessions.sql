-- When the owner last proved who they are, by logging in or once more before a dangerous action.
ALTER TABLE session ADD COLUMN confirmed_at timestamptz;
UPDATE session SET confirmed_at = started_at;
ALTER TABLE session ALTER COLUMN confirmed_at SET NOT NULL;
