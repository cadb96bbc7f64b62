"""Compiled templates that outlast the process, where the disk has room for them. Knows no feature."""

import logging

from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket

log = logging.getLogger("competitions")


class CompiledTemplates(FileSystemBytecodeCache):
    """Jinja's cache in a folder; what cannot be kept or read is compiled again, and no page fails for it."""

    def load_bytecode(self, bucket: Bucket) -> None:
        """What was kept, if it can be read; a damaged file counts as none."""
        try:
            super().load_bytecode(bucket)
        except Exception as fault:  # marshal says in many ways that a file was cut
            bucket.reset()
            log.warning({"compiled_template": "unread", "fault": type(fault).__name__})

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it, unless the disk is full or the folder gone."""
        try:
            super().dump_bytecode(bucket)
        except OSError as fault:
            log.warning({"compiled_template": "not kept", "fault": type(fault).__name__, "number": fault.errno})
