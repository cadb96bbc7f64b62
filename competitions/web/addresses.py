"""Addresses that come from outside and are gone to: only those of this site. Knows no feature."""


def safe_target(target: str | None) -> str:
    """Where to go after signing in: a path of this site only."""
    if (
        target
        and target.startswith("/")
        and not target.startswith("//")
        and "\\" not in target
        and target.isprintable()
    ):
        return target
    return "/desk/"
