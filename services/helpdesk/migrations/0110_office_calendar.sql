-- Holidays stand in the office calendar of the contracts' vocabulary, for all services alike.
DROP TABLE desk_holiday;
