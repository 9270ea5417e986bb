"""The operators' editor of texts: drafts, publishing, earlier versions, differences, tests sent to oneself."""
