-- The queue page counts what a unit has before it; what was decided grows for years and is not looked at for that.
CREATE INDEX review_case_live ON review_case (unit) WHERE state IN ('open', 'returned');
