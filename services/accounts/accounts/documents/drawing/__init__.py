"""What the child process draws: PDF from HTML, and pages as pictures."""
