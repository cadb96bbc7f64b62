"""The base of the house's forms. Knows no feature and no field."""

from flask_wtf import FlaskForm

from competitions.base.errors import Refusal
from competitions.words.sentences import worded


class Form(FlaskForm):
    """Chinese messages; CSRF is checked once, in the gate."""

    class Meta:
        """WTForms settings."""

        locales = ["zh"]
        csrf = False

    def show(self, fault: Refusal) -> None:
        """Put what a service refused beside the fields it names; what names no field stands above the form."""
        for problem in fault.told:
            words = worded(problem)
            if problem.where in self:
                field = self[problem.where]
                field.errors = [*field.errors, words]
            else:
                self.form_errors.append(words)
