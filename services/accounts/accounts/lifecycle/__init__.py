"""The runs that freeze, remind and disable whose day (`inactivity`) has come; accounts that are closed; and the hourly clean-up."""
