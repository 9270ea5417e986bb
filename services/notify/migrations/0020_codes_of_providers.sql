-- What providers said word by word names the recipient; their codes stay.
UPDATE attempt SET detail = substring(detail FROM '^\d{3}(?: [245]\.\d{1,3}\.\d{1,3}(?=\s|$))?') WHERE detail ~ '^\d{3}\s';
