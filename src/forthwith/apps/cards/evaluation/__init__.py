"""Measures the reader on a labelled folder: `forthwith cards evaluate FOLDER`."""

from forthwith.apps.cards.evaluation.measure import Evaluation, FileResult, evaluate, load_labels
from forthwith.apps.cards.evaluation.page import write_page
from forthwith.apps.cards.evaluation.tables import as_json, print_errors, print_tables

__all__ = [
    "Evaluation",
    "FileResult",
    "as_json",
    "evaluate",
    "load_labels",
    "print_errors",
    "print_tables",
    "write_page",
]
