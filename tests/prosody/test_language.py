"""What is judged and what is not."""

import pytest

from workbench.prosody.language import unsupported
from workbench.prosody.report import prosody_report


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
        ("Whan that the sonne is up and swich a morwe\nhath maad hir herte free of al hir sorwe", "Middle English"),
        ("Þe wynde watz wyth hem al þe nyȝt\nand þou were slepyng to þe lyȝt", "Middle English"),
        ("Hwæt, ic þæt scip geseah on sæ, ond wæs þær eall þæt folc", "Old English"),
        ("Jag har sett det och det var inte som för alla", "Swedish"),
        ("Nie wiem, że to jest już tak na zawsze", "Polish"),
        ("Ve bir gün daha çok ne gibi bu ev", "Turkish"),
        ("Mae yr haf wedi dod ac mae gan y plant gân", "Welsh"),
        ("Yö on pitkä ja se ei ole kuin uni mutta", "Finnish"),
        ("Het huis en de tuin zijn niet van mij maar van een man", "Dutch"),
        ("सूरज डूब गया", "Devanagari"),
        ("الشمس غربت", "Arabic"),
        ("Ο ήλιος έδυσε", "Greek"),
        ("1234 -- !!", "no letters"),
        ("", "no letters"),
        ("😀😀😀", "no letters"),
    ],
)
def test_the_rest_is_named_and_refused(text: str, reason: str) -> None:
    found = unsupported(text)
    assert found is not None
    assert reason in found.reason


@pytest.mark.parametrize(
    "text",
    [
        "A gentle lad was riding on the plaine,\nyclad in mightie clothes that hardly fitte,\nand loued the rayne",
        "Thir path was long, and hee that went before\nof mans first journey knew, and onely hee",
        "O wee bit lass, ye hae a bonnie e'e,\nan' naething in the toun is dear to me",
    ],
)
def test_old_spelling_and_dialect_of_modern_english_are_judged(text: str) -> None:
    assert unsupported(text) is None


def test_the_command_and_a_report_say_what_a_text_is() -> None:
    report = prosody_report("Whan that the sonne is up and swich a morwe\nhath maad hir herte free of al hir sorwe")
    assert report.to_text() == "not supported: the text reads as Middle English; English verse only"


def test_the_language_is_a_value_of_its_own() -> None:
    found = unsupported("Der Hund ist nicht mit der Katze gegangen und schläft")
    assert found is not None
    assert found.language == "German"
