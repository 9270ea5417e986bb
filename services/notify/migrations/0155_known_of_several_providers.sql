-- Of a channel with several providers: what all processes know of each, as its folder in `channels` writes it.
ALTER TABLE provider ADD COLUMN known jsonb NOT NULL DEFAULT '{}';
