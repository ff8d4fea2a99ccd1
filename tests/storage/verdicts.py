"""A verdict to be stored."""

from workbench.types import Verdict


def verdict(number: int, note: str = "") -> Verdict:
    return Verdict(id=f"v{number}", candidate_id=f"c{number}", poem_id=f"p{number % 3}", verdict="reject", note=note)
