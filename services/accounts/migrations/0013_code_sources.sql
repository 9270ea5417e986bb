-- From where a code was asked for: messages cost money, and whoever asks may have many applications and name many numbers.
ALTER TABLE challenge ADD COLUMN source text;
CREATE INDEX challenge_from ON challenge (source, created_at) WHERE source IS NOT NULL;
