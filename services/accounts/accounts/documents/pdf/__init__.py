"""PDF: drawing one from HTML, copying what a viewer shows of one, and its pages as pictures."""
