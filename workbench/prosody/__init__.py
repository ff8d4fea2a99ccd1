"""What a poem's rhyme, meter and form really are: pure, fast, offline judgements of English verse.

It opens no file but its own word lists, and those only when they are first asked for. Start reading at `types` for
sound and meter, at `forms` for the forms, at `report` for everything about one poem.
"""

from workbench.prosody.cliches import find_cliches
from workbench.prosody.detection import detect_form
from workbench.prosody.deviations import Deviation, FormCheck, FormGuess
from workbench.prosody.form_checks import check_form
from workbench.prosody.forms import FAMILIES, FORMS
from workbench.prosody.language import unsupported
from workbench.prosody.lexicon import pronounce
from workbench.prosody.meter import line_meter, parse_line, poem_meter
from workbench.prosody.reading import Reading
from workbench.prosody.report import ProsodyReport, prosody_report
from workbench.prosody.requests import form_named_in
from workbench.prosody.rhyme import internal_rhymes, rhyme_class, rhyme_distance, rhymes
from workbench.prosody.scheme import scheme
from workbench.prosody.strong_rhymes import strong_rhyme
from workbench.prosody.syllables import scan_words, syllable_counts

__all__ = [
    "FAMILIES",
    "FORMS",
    "Deviation",
    "FormCheck",
    "FormGuess",
    "ProsodyReport",
    "Reading",
    "check_form",
    "detect_form",
    "find_cliches",
    "form_named_in",
    "internal_rhymes",
    "line_meter",
    "parse_line",
    "poem_meter",
    "pronounce",
    "prosody_report",
    "rhyme_class",
    "rhyme_distance",
    "rhymes",
    "scan_words",
    "scheme",
    "strong_rhyme",
    "syllable_counts",
    "unsupported",
]
