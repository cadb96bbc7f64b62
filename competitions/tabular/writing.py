"""The doors of the writing side: everything that a feature needs to send a table, a form or a template out.

Tables: `write_workbook`, `write_csv`; forms: `write_form`; rosters to be filled in: `write_template`; a user's own file
with its faults marked: `annotate_workbook`. None of it knows a feature, a page or a database.
"""

from competitions.tabular.annotating import CannotAnnotate, annotate_workbook, rows_to_xlsx
from competitions.tabular.csv_writing import content_disposition, write_csv
from competitions.tabular.form_writing import PHOTO_COLUMNS, Form, FormBlock, FormField, placed, write_form
from competitions.tabular.table_writing import Table, TableColumn, signature_line, write_workbook
from competitions.tabular.template_writing import EXAMPLE_MARK, TemplateColumn, write_template

__all__ = [
    "EXAMPLE_MARK",
    "PHOTO_COLUMNS",
    "CannotAnnotate",
    "Form",
    "FormBlock",
    "FormField",
    "Table",
    "TableColumn",
    "TemplateColumn",
    "annotate_workbook",
    "content_disposition",
    "placed",
    "rows_to_xlsx",
    "signature_line",
    "write_csv",
    "write_form",
    "write_template",
    "write_workbook",
]
