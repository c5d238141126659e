"""`forthwith orders`: shops and their menus, orders, the voice."""

import typer

cli = typer.Typer(no_args_is_help=True)
