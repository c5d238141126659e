"""Contacts as pages in Notion: an outbox, and the run that empties it."""
