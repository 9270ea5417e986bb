"""The people of the desk, as everything here knows them."""
