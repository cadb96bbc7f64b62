"""How large a table may be: one list of numbers for the child process, the checks and the help page."""

MEGABYTE = 1024 * 1024

FILE_BYTES = 10 * MEGABYTE
"""The file as it is sent."""
UNPACKED_BYTES = 64 * MEGABYTE
"""All members of an .xlsx or .ods together, unpacked."""
MEMBERS = 500
"""Members of the zip container of an .xlsx or .ods."""
ROWS = 20_000
"""Number of the last row with content, in one sheet and over all visible sheets of a file together."""
COLUMNS = 128
"""Number of the last column with content."""
ANSWER_BYTES = 96 * MEGABYTE
"""What the child process may answer."""
CELL_CHARACTERS = 4_000
"""Longer cells are cut here by the reader; every column's own limit is far below."""

CHILD_MEMORY_BYTES = 1024 * MEGABYTE
CHILD_SECONDS = 20

HEADING_ROWS = 15
"""The heading is looked for in this many rows from the top."""

NAME_CHARACTERS = 50
TEXT_CHARACTERS = 200
REMARK_CHARACTERS = 500
