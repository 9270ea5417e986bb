"""The runs that freeze, remind and disable accounts on their days (`inactivity`); closing; the hourly clean-up."""
