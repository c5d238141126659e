"""Structured logs: an event name, values as keywords, ids bound once by context.

JSON lines to standard output, coloured lines on a terminal, and with LOG_DIR also
`application.log` and `error.log`. Personal data is masked by member name on the way out.
"""

import logging
import logging.handlers
import sys
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, Final

import msgspec
import structlog
from structlog.typing import EventDict, Processor

from forthwith import __version__
from forthwith.platform import context, masking
from forthwith.platform.config import LogSettings

_LOG_FILE_BYTES: Final = 20_000_000
_LOG_FILES_KEPT: Final = 5
_OURS: Final = "forthwith"
_QUIET: Final = {
    "alembic": logging.WARNING,
    "httpx": logging.WARNING,  # a line for each request, with its whole URL
    "mail.log": logging.WARNING,  # of aiosmtpd: a line for each command, with addresses
    "uvicorn": logging.WARNING,
    "pgqueuer": logging.WARNING,
    "sqlalchemy.pool": logging.CRITICAL,
}
"""Libraries whose own chatter repeats what our events say."""


def get(name: str) -> structlog.stdlib.BoundLogger:
    """A logger for a module: `log = logging.get(__name__)`."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def _mask_personal(_: Any, __: str, event: MutableMapping[str, Any]) -> EventDict:
    event.update(masking.masked(dict(event)))
    return event


def _add_context(_: Any, __: str, event: MutableMapping[str, Any]) -> EventDict:
    if (request_id := context.request_id.get()) is not None:
        event.setdefault("request_id", request_id)
    if (run := context.run.get()) is not None:
        event.setdefault("run_id", str(run.id))
    return event


class _Service:
    """Adds who is speaking to every line."""

    def __init__(self, service: str, environment: str) -> None:
        self._members = {"service": service, "version": __version__, "environment": environment}

    def __call__(self, _: Any, __: str, event: MutableMapping[str, Any]) -> EventDict:
        event.update(self._members)
        return event


def _shared_processors(service: str, environment: str) -> list[Processor]:
    return [
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.EventRenamer("message"),
        _add_context,
        _mask_personal,
        _Service(service, environment),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="timestamp"),
        structlog.processors.format_exc_info,
    ]


def _add_callsite(_: Any, __: str, event: MutableMapping[str, Any]) -> EventDict:
    """From the record, which has looked for it already: a second look costs as much as the rest."""
    record: logging.LogRecord = event.pop("_record")
    event.pop("_from_structlog", None)
    event.update(module=record.module, function=record.funcName, line=record.lineno)
    return event


def _json_line(_: Any, __: str, event: MutableMapping[str, Any]) -> str:
    return msgspec.json.encode(event, enc_hook=repr).decode()


def configure(settings: LogSettings, *, service: str) -> None:
    """Set up logging of this process; `service` is `api`, `worker`, `up` or `cli`.

    Below INFO only our own loggers speak: what libraries say there holds whole requests (the
    photo that a model is sent), and masks nothing.
    """
    shared = _shared_processors(service, settings.environment)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False  # never shown
    root = logging.getLogger()
    root.handlers = [_stream_handler(shared), *_file_handlers(settings.directory, shared)]
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    root.setLevel(max(level, logging.INFO))
    logging.getLogger(_OURS).setLevel(level)
    for name, level in _QUIET.items():
        logging.getLogger(name).setLevel(level)


def _stream_handler(shared: list[Processor]) -> logging.Handler:
    handler = logging.StreamHandler(sys.stdout)
    renderer = _terminal_line if sys.stdout.isatty() else _json_line
    handler.setFormatter(_formatter(shared, renderer))
    return handler


_TERMINAL_HIDES: Final = frozenset(
    {"timestamp", "level", "message", "service", "version", "environment"}
    | {"module", "function", "line"}
)


def _terminal_line(_: Any, __: str, event: MutableMapping[str, Any]) -> str:
    """One short line for people: time, level, event, values."""
    values = " ".join(
        f"{key}={_on_one_line(value)}"
        for key, value in event.items()
        if key not in _TERMINAL_HIDES and key != "exception"
    )
    clock = str(event.get("timestamp", ""))[11:19]
    line = f"{clock} {event.get('level', ''):<8}{event.get('message', '')}  {values}"
    trace = event.get("exception")
    return f"{line}\n{trace}" if trace else line


def _on_one_line(value: object) -> str:
    """A value without line feeds and escape sequences, which would forge lines on a terminal."""
    shown = str(value)
    return shown if shown.isprintable() else repr(shown)


def _file_handlers(directory: Path | None, shared: list[Processor]) -> list[logging.Handler]:
    if directory is None:
        return []
    directory.mkdir(parents=True, exist_ok=True)
    handlers: list[logging.Handler] = []
    for name, level in (("application.log", logging.NOTSET), ("error.log", logging.ERROR)):
        handler = logging.handlers.RotatingFileHandler(
            directory / name,
            maxBytes=_LOG_FILE_BYTES,
            backupCount=_LOG_FILES_KEPT,
            encoding="utf-8",
        )
        handler.setLevel(level)
        handler.setFormatter(_formatter(shared, _json_line))
        handlers.append(handler)
    return handlers


def _formatter(shared: list[Processor], renderer: Processor) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[_add_callsite, renderer],
    )
