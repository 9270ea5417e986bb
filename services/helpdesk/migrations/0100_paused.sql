-- How long a solution's clock has stood, by the clock and in working hours, and since when it counts where the ticket
-- was opened anew: another priority counts as if it had been the ticket's from the beginning.

ALTER TABLE ticket
    ADD COLUMN solution_from timestamptz,
    ADD COLUMN paused_for interval NOT NULL DEFAULT '0',
    ADD COLUMN paused_work interval NOT NULL DEFAULT '0';
