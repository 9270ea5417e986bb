"""Show who one is beyond the password, and once more before what is dangerous."""
