"""Structured logs: one JSON object a line, without personal data. Knows no feature.

A second net masks anything that looks like an ID number or a phone, should a message ever carry one.
"""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

FILE_SIZE = 5_000_000
OLD_FILES = 3
_PERSONAL = re.compile(r"(?<!\d)(\d{17}[\dXx]|1[3-9]\d{9})(?!\d)")


class JsonLines(logging.Formatter):
    """Time (UTC), level, logger and the message's fields; control characters are escaped by JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        facts = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
        }
        facts.update(record.msg if isinstance(record.msg, dict) else {"message": record.getMessage()})
        if record.exc_info:
            facts["trace"] = self.formatException(record.exc_info)
        return _PERSONAL.sub("***", json.dumps(facts, ensure_ascii=False, default=str))


def start(level: int = logging.INFO, file: Path | None = None) -> None:
    """Send everything to standard error as JSON lines; with `file` to that (rotating), and only errors to both."""
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if file is not None:
        handlers[0].setLevel(logging.ERROR)
        handlers.append(RotatingFileHandler(file, maxBytes=FILE_SIZE, backupCount=OLD_FILES, encoding="utf-8"))
    for handler in handlers:
        handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=handlers, force=True)
    logging.getLogger("waitress").setLevel(logging.WARNING)
