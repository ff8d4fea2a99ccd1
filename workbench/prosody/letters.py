"""A letter-to-sound guess of our own, for words that no dictionary has.

Rules are tried in order at each letter; the first that fits consumes its letters. Then one syllable is chosen to bear
the stress and the short vowels elsewhere are weakened. It knows spelling only: no word list stands behind it.
Measured on dictionary words that it is not shown: see `python -m workbench.prosody.accuracy`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

# One rule a line: letters, what must stand before (regex, or -), what must follow (regex, or -), phones (or - for silence).
# V is a vowel letter, C a consonant letter, ^ and $ the ends of the word.
_RULES = """
augh - t AO
augh - - AE F
ough - t AO
ough thr - UW
ough r|t|en - AH F
ough - - OW
aigh - - EY
eigh - t$ EY
eigh h t AY
eigh - - EY
igh - - AY
tion - - SH AH N
ssion - - SH AH N
sion V - ZH AH N
sion - - SH AH N
cian - - SH AH N
cious|tious|xious - - SH AH S
cial|tial - - SH AH L
ture - $ CH ER
sure V $ ZH ER
eous - $ IY AH S
ious - $ IY AH S
ous - $ AH S
ism - $ IH Z AH M
thm - $ DH AH M
ile - $ AH L
age V.*C $ IH JH
ate V.*C.*C $ EY T
ace V.*C $ AH S
ice V.*C $ IH S
ine V.*C $ IY N
ive V.*C $ IH V
le C $ AH L
les C $ AH L Z
led C $ AH L D
re C $ ER
que - $ K
gue - $ G
qu - - K W
tch - - CH
sch ^ - SH
sch - - S K
ch ^ r|l K
ch - r K
ch - - CH
ck - - K
sh - - SH
ph - - F
gh ^ - G
gh - - -
kn ^ - N
gn ^|- $ N
gn ^ - N
wr ^ - R
ps ^ - S
pn ^ - N
rh - - R
wh ^ o HH
wh - - W
mb - $ M
mb - s$ M
mn - $ M
th - er$|e$ DH
th - - TH
ng - $ NG
ng - s$|ed$|ing$|less|ly$|ful NG
ng - e|i|y N JH
ng - - NG G
nk - - NG K
nc - e|i|y N S
nx - - NG K S
dge - - JH
dg - e|i|y JH
ss - - S
sc - e|i|y S
cc - e|i|y K S
gg - - G
ff - - F
ll - - L
rr - - R
tt - - T
dd - - D
pp - - P
bb - - B
nn - - N
mm - - M
cc - - K
zz - - Z
kk - - K
vv - - V
c - e|i|y S
c - - K
g - e$|es$|ed$ JH
g - i|y JH
g V e JH
g - - G
j - - JH
x ^ - Z
x - - K S
y ^ V Y
h ^|V|C V HH
h - - -
w - V W
w - - -
s V e$|ed$ Z
s V ion|i|y Z
s b|d|g|l|m|n|r|v|w|e|o|i|y $ Z
s - m$ Z
s - - S
z - - Z
eau - - OW
eaux - - OW
oo - k UH
oo - r AO
oo - - UW
our - $ ER
our - - AO R
oar|ore|oor - - AO R
or V.*C $ ER
or - - AO R
wor - - W ER
ower - $ AW ER
ow ^.*C d|l|n AW
ow C $ OW
ow - V AW
ow - - OW
ou - - AW
oa - - OW
oi|oy - - OY
oe - $ OW
oe - - IY
air|are - $ EH R
aer - - EH R
ai|ay - - EY
au|aw - - AO
ar V.*C $ ER
ar w - AO R
ar - V EH R
ar - - AA R
a w tch|n|s|d AA
al - k AO
all - - AO L
al - t|d AO L
a - $ AH
ear - n|l|th|ch ER
ear - - IH R
eer|ere|ier - $ IH R
ee - - IY
ei - - IY
ey - $ IY
ey - - EY
ew - - UW
eu - - Y UW
ea - d$|lth|th$|ther|sure AE
ea - - IY
er - V EH R
er - - ER
ed t|d $ AH D
ed p|k|s|f|sh|ch|x $ T
ed C|V $ D
es s|z|x|sh|ch|g|c $ AH Z
es C $ Z
ie ^C|^CC $ AY
ie - $ IY
ies - $ IY Z
ied ^C|^CC $ AY D
ied - $ IY D
ie - - IY
ir - V AY R
ir - - ER
ia - - IY AH
io - - IY OW
iu - - IY AH
ind - $ AY N D
ild - $ AY L D
ui - - UW
ue - $ UW
ur - V Y UH R
ur - - ER
uy - - AY
yr - - ER
y ^C|^CC|^CCC $ AY
y - $ IY
y - Ce$ AY
y - - IH
a - Ce$|Ces$|Ced$|Cing$ EY
a - CV EY
a - - AE
e ^C|^CC $ IY
e V.*|C $ -
e - Ce$ IY
e - V IY
e - - EH
i - Ce$|Ces$|Ced$|Cing$ AY
i - V IY
i - - IH
o - $ OW
o - Ce$|Ces$|Ced$|Cing$ OW
o - ld|lt|st$ OW
o - CV OW
o - - AA
u - Ce$|Ces$|Ced$|CV UW
u q - W
u g V W
u - - AH
b - - B
d - - D
f - - F
k - - K
l - - L
m - - M
n - - N
p - - P
q - - K
r - - R
t - - T
v - - V
"""

_VOWEL_PHONES = frozenset("AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW".split())
_WEAKENED = {"AE": "AH", "EH": "AH", "AA": "AH", "AO": "AO", "IH": "IH", "EY": "EY"}
_PULLS_STRESS = re.compile(r"(?:tion|sion|cian|ic|ics|ical|ity|ial|ian|ious|eous|ify|logy|graphy)s?$")
_LIGHT_PREFIX = re.compile(r"(?:a(?=[^aeiou]{2})|be|de|re|un|in|im|en|em|ex|con|com|dis|mis|pre|pro|sub|for|per)[^aeiouy].*[aeiouy]")


@cache
def _compiled() -> dict[str, list[tuple[int, str, re.Pattern[str], re.Pattern[str] | None, tuple[str, ...]]]]:
    """Rules by first letter: length, letters, pattern from here on, pattern of what stands before, phones."""
    table: dict[str, list[tuple[int, str, re.Pattern[str], re.Pattern[str] | None, tuple[str, ...]]]] = {}
    for line in _RULES.strip().split("\n"):
        graphs, before, after, *phones = line.split(" ")
        sounds = tuple(phone for phone in phones if phone != "-")
        for graph in graphs.split("|"):
            ahead = re.compile(re.escape(graph) + (f"(?={_classes(after)})" if after != "-" else ""))
            behind = re.compile(f"(?:{_classes(before)})$") if before != "-" else None
            table.setdefault(graph[0], []).append((len(graph), graph, ahead, behind, sounds))
    return table


def _classes(pattern: str) -> str:
    return pattern.replace("V", "[aeiouy]").replace("C", "[^aeiouy]")


def guess_phones(word: str) -> tuple[str, ...]:
    """A guess at how a word sounds; empty where it holds no letter from a to z.

    >>> " ".join(guess_phones("brillig"))
    'B R IH1 L IH0 G'
    """
    plain = unicodedata.normalize("NFD", word.lower())
    letters = "".join(char for char in plain if "a" <= char <= "z")[:60]
    phones: list[str] = []
    place = 0
    while place < len(letters):
        length, sounds = _first_rule(letters, place)
        phones += sounds
        place += length
    return _stressed(letters, _without_doubles(phones))


def _first_rule(letters: str, place: int) -> tuple[int, tuple[str, ...]]:
    for length, _graph, ahead, behind, sounds in _compiled()[letters[place]]:
        if ahead.match(letters, place) and (behind is None or behind.search(letters[:place])):
            return length, sounds
    return 1, ()


def _without_doubles(phones: list[str]) -> list[str]:
    return [phone for place, phone in enumerate(phones) if place == 0 or phone != phones[place - 1]]


def _stressed(letters: str, phones: list[str]) -> tuple[str, ...]:
    """Put the digits on: one main stress, weak vowels elsewhere. A word without a vowel is spelled out by nobody: ()."""
    vowels = [place for place, phone in enumerate(phones) if phone in _VOWEL_PHONES]
    if not vowels:
        return ()
    main = vowels[_main_stress(letters, len(vowels))]
    for place in vowels:
        weak = _WEAKENED.get(phones[place], phones[place]) if place != vowels[-1] or phones[place] != "EY" else "EY"
        phones[place] = phones[place] + "1" if place == main else weak + "0"
    return tuple(phones)


def _main_stress(letters: str, n_vowels: int) -> int:
    """Which vowel: before the suffixes that pull it, else the first of two, else the third from the end."""
    if n_vowels == 1:
        return 0
    if _PULLS_STRESS.search(letters):
        back = 3 if re.search(r"(?:ity|ical|ify|logy|graphy|ious|eous|ial|ian)s?$", letters) else 2
        if re.search(r"(?:cious|tious|cial|tial|cian|xious)s?$", letters):
            back = 2
        return max(0, n_vowels - back)
    if n_vowels == 2:
        return 1 if _LIGHT_PREFIX.match(letters) else 0
    return max(0, n_vowels - 3)
