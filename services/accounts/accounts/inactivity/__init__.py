"""The days after which an unused account is frozen, reminded and disabled."""
