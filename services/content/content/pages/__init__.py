"""Pages: announcements, news and questions, in both languages, public for a time."""
