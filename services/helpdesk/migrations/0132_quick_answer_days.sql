-- How often each quick answer was put into an answer, by day in Taipei: for the figures of a period.
CREATE TABLE quick_answer_day (
    day       date NOT NULL,
    answer_id uuid NOT NULL REFERENCES quick_answer (answer_id),
    used      bigint NOT NULL,
    PRIMARY KEY (day, answer_id)
);
