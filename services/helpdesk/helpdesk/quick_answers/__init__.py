"""Quick answers (Q&A 快速解答): questions with their answers in both languages, searched while an agent types."""
