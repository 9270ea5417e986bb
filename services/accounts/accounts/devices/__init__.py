"""Make a device one of an account owner's by a code, so that strangers' wrong passwords do not keep the owner out."""
