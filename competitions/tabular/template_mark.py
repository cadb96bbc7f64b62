"""How the reader knows the hidden sheet of options in our own templates: its name and a mark that the template writes.

Imported by the reading child process too, so it imports nothing.
"""

LISTS_SHEET = "选项"
OPTIONS_MARK = "模板的下拉选项（系统生成，请勿修改）"
"""Stands in the first row, right of the lists: a sheet that a user hides under the same name has it not, and is named."""
