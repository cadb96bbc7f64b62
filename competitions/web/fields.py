"""Fields of forms: Beijing times and days, exact decimals, durations, reasons, lists with one name a line.

Each turns what a person types into the value that services take, and says in Chinese what is wrong with it.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from wtforms import (
    DateField,
    DateTimeLocalField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation
from wtforms.widgets import CheckboxInput, ListWidget

from competitions.base.clock import beijing, from_beijing
from competitions.base.errors import Invalid
from competitions.base.reasons import LONGEST, least_of, reason_of
from competitions.base.typed import clean, duration_text, exact_text, seconds_of
from competitions.tabular.characters import mended, private_parts
from competitions.words.sentences import worded

PRIVATE = (
    "“{value}”中第 {positions} 个字（编码 {codes}）是自造字，换一台电脑就显示不出来。"
    "请改用输入法重新输入这个字（可试手写、笔画或生僻字输入）。"
)
"""What is said of characters of a private use area (tabular/characters.py)."""


def legible(text: str | None) -> str | None:
    """Filter for what is printed as a name: radicals that look like a character are mended. Raises ValueError for a
    self-made character, which nobody else could read.
    """
    if private := private_parts(text or ""):
        raise ValueError(PRIVATE.format_map(private))
    return mended(text) if text else text


def choices(pairs: Iterable[tuple[Any, str]]) -> list[SelectChoice]:
    """(value, label) pairs as WTForms wants them."""
    return [SelectChoice(value=value, label=label) for value, label in pairs]


class Filled:
    """Validator: something must be there after cleaning; a fault of the typing itself is said first."""

    field_flags = {"required": True}

    def __init__(self, message: str) -> None:
        self.message = message

    def __call__(self, _form: Any, field: Any) -> None:
        if field.errors:
            raise StopValidation
        if field.data in (None, "", []):
            raise StopValidation(self.message)


class TextField(StringField):
    """One line of clean text of legible characters."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Clean it. Raises ValueError for a self-made character."""
        if valuelist:
            self.data = legible(clean(valuelist[0]).replace("\n", " ")) or ""


class LongTextField(TextAreaField):
    """Clean text of several lines."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Clean it."""
        if valuelist:
            self.data = clean(valuelist[0])


def reason_label(label: str, act: str) -> str:
    """The label of a text that justifies an act, with the least that is enough."""
    least = least_of(act)
    return f"{label}（至少 {least} 个字）" if least > 1 else label


class Reasoned:
    """Validator: what is written is enough for the act; the browser is told too."""

    def __init__(self, act: str) -> None:
        self.act = act
        self.field_flags = {"required": True, "minlength": least_of(act), "maxlength": LONGEST}

    def __call__(self, _form: Any, field: Any) -> None:
        try:
            reason_of(field.data, self.act)
        except Invalid as fault:
            raise StopValidation(worded(fault)) from None


class ReasonField(LongTextField):
    """What justifies an act, as the table of reasons asks for it (base/reasons.py)."""

    def __init__(self, label: str, act: str, **more: Any) -> None:
        super().__init__(reason_label(label, act), [Reasoned(act)], **more)


class OptionalSelectField(SelectField):
    """One of some choices or none; blank is None."""

    data: Any

    def pre_validate(self, form: Any) -> None:
        """Nothing chosen is all right."""
        if self.data in (None, ""):
            self.data = None
        else:
            super().pre_validate(form)


class LinesField(TextAreaField):
    """A list, one item a line; `longest` characters an item, `most` items. Data: list of str."""

    def __init__(self, label: str, validators: Any = None, longest: int = 120, most: int = 60, **more: Any) -> None:
        super().__init__(label, validators, **more)
        self.longest, self.most = longest, most

    def _value(self) -> str:
        return self.data if isinstance(self.data, str) else "\n".join(self.data or [])

    def process_formdata(self, valuelist: list[str]) -> None:
        """Split it; blank lines do not count. Raises ValueError for too long, too many or repeated ones."""
        lines = [" ".join(line.split()) for line in clean(valuelist[0] if valuelist else "").split("\n")]
        self.data = [line for line in lines if line]
        for number, line in enumerate(self.data, 1):
            if len(line) > self.longest:
                raise ValueError(f"第 {number} 行超过 {self.longest} 个字，请缩短。")
            if line in self.data[: number - 1]:
                raise ValueError(f"第 {number} 行“{line}”重复，请删去一个。")
        if len(self.data) > self.most:
            raise ValueError(f"最多 {self.most} 行，请减少。")


class BeijingTimeField(DateTimeLocalField):
    """A moment typed to the minute on a Beijing clock. Data: aware UTC datetime."""

    def _value(self) -> str:
        if self.raw_data:
            return " ".join(self.raw_data)
        return beijing(self.data).strftime("%Y-%m-%dT%H:%M") if self.data else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Beijing to UTC. Raises ValueError."""
        typed = " ".join(valuelist).strip().replace(" ", "T")
        self.data = None
        if typed:
            try:
                self.data = from_beijing(datetime.strptime(typed[:16], "%Y-%m-%dT%H:%M"))
            except (ValueError, OverflowError):
                raise ValueError("请填写到分钟的北京时间，例如 2026-11-30 17:00。") from None


class BeijingDayField(DateField):
    """A day in Beijing. Data: aware UTC datetime of its beginning."""

    def _value(self) -> str:
        if self.raw_data:
            return " ".join(self.raw_data)
        return beijing(self.data).strftime("%Y-%m-%d") if self.data else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Beijing midnight to UTC. Raises ValueError."""
        typed = " ".join(valuelist).strip()
        self.data = None
        if typed:
            try:
                self.data = from_beijing(datetime.combine(date.fromisoformat(typed), time()))
            except (ValueError, OverflowError):
                raise ValueError("请按年-月-日填写日期，例如 2026-11-30。") from None


class ExactField(StringField):
    """An exact decimal; blank is None. Data: canonical text."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Check and shorten it. Raises ValueError."""
        typed = clean(valuelist[0] if valuelist else "")
        self.data = typed or None
        if typed:
            self.data = exact_text(typed)


class DurationField(StringField):
    """Minutes, or minutes:seconds; blank is None. Data: seconds."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else duration_text(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        """To seconds. Raises ValueError."""
        typed = clean(valuelist[0] if valuelist else "")
        self.data = None
        if typed:
            self.data = seconds_of(typed)


class WholeField(IntegerField):
    """A whole number; blank is None."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """To int. Raises ValueError."""
        typed = unicodedata.normalize("NFKC", clean(valuelist[0] if valuelist else ""))
        self.data = None
        if typed:
            if not re.fullmatch(r"-?[0-9]{1,9}", typed):
                raise ValueError("请填写整数，例如 3。")
            self.data = int(typed)


class MultiCheckboxField(SelectMultipleField):
    """Several of some choices, as check boxes."""

    widget = ListWidget(html_tag="ul", prefix_label=False)
    option_widget = CheckboxInput()
