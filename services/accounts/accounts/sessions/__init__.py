"""Log in, stay logged in, log out; passwords and devices that are known."""
