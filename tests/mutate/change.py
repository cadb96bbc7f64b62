"""What a change to the product is that takes a guard away. Knows no test run."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """One change: what the product would do wrong, in words; the file by its path below `competitions/`; the text that
    stands there exactly once and what stands there without the guard; the tests (`file::test`) that must notice it.
    """

    name: str
    file: str
    text: str
    instead: str
    tests: tuple[str, ...]

    def applied_to(self, source: str) -> str:
        """The source with the guard gone. Raises ValueError unless the text stands in it exactly once."""
        if source.count(self.text) != 1:
            raise ValueError(f"{self.file}: the text stands there {source.count(self.text)} times, not once")
        return source.replace(self.text, self.instead)
