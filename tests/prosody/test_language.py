"""What is judged and what is not."""

import pytest

from workbench.prosody.language import unsupported


@pytest.mark.parametrize(
    "text",
    [
        "The rain has gone to bed.", "Rain", "O plum!", "The plovish quandle sat upon the dreever of the night",
        "She said je ne sais quoi and the cafe laughed",
    ],
)  # fmt: skip
def test_english_is_judged(text: str) -> None:
    assert unsupported(text) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Дождь уснул на крыше", "Cyrillic"),
        ("雨が降る", "script"),
        ("Der Hund ist nicht mit der Katze gegangen und schläft", "German"),
        ("La pluie est dans la rue avec les chats et les chiens", "French"),
        ("El perro y los gatos se fueron con la lluvia", "Spanish"),
        ("1234 -- !!", "no letters"),
        ("", "no letters"),
        ("😀😀😀", "no letters"),
    ],
)
def test_the_rest_is_named_and_refused(text: str, reason: str) -> None:
    found = unsupported(text)
    assert found is not None
    assert reason in found.reason
