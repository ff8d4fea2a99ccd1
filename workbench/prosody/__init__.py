"""What a poem's rhyme, meter and form really are: pure, fast, offline judgements of English verse.

It opens one file, its own dictionary, and that only when the first word is asked for. Start reading at `types`.
"""

from workbench.prosody.language import unsupported
from workbench.prosody.lexicon import pronounce
from workbench.prosody.meter import line_meter, parse_line, poem_meter
from workbench.prosody.rhyme import internal_rhymes, rhyme_class, rhyme_distance, rhymes
from workbench.prosody.scheme import scheme
from workbench.prosody.syllables import scan_words, syllable_counts

__all__ = [
    "internal_rhymes",
    "line_meter",
    "parse_line",
    "poem_meter",
    "pronounce",
    "rhyme_class",
    "rhyme_distance",
    "rhymes",
    "scan_words",
    "scheme",
    "syllable_counts",
    "unsupported",
]
