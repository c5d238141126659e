"""`forthwith cards`: read photos without a server; look after the contacts in Notion."""

from forthwith.apps.cards.cli.commands import cli

__all__ = ["cli"]
