-- The method of a downstream system's Nameko service that may declare queues of its own (docs/subscribe.md); none: NULL.
ALTER TABLE subscriber ADD COLUMN nameko_method text;
