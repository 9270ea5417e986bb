"""What all services say alike: choices, kinds of fields, answers, dates, masks, limits."""
