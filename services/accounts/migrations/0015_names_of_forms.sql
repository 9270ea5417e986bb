-- Names with folders or line ends in them, from before they were taken off: no header can carry them.
UPDATE form_file SET filename = coalesce(
    nullif(btrim(regexp_replace(regexp_replace(filename, '^.*[/\\]', ''), '[[:cntrl:]]', '', 'g')), ''), 'file'
) WHERE filename ~ '[[:cntrl:]/\\]';
