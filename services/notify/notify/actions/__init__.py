"""What notify can do: remember contacts, write messages down, render, send and show them."""
