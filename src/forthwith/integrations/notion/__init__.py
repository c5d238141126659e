"""Notion: pages of one data source, found, written, put away. Knows no application."""
