r"""The words with which models speak of their poem: in English, and in the languages in which they answer as well.

German, French, Spanish, Italian, Portuguese and Dutch have the offers, consents and reports that are common, no more.
What a match means, and where, is for `talk`. Verse may begin with every one of these.
"""

import re

_FOREIGN_WORK = (
    r"strophen?|gedichts?|fassung|reim(?:e|schema)?|zeilen?|strophes?|rimes?|versos?|estrofas?|versi[oó]n|strof[ae]|"
    r"versione|vers[aã]o|estrofes?|überarbeitung"
)
_FOREIGN_DID = (
    r"ich habe .*\b(?:geändert|gekürzt|ersetzt|überarbeitet|angepasst|behalten|gestrichen|hinzugefügt|verbessert)|"
    r"j['’]ai (?:modifié|gardé|changé|remplacé|supprimé|ajouté|conservé|retravaillé|raccourci|essayé|écrit)|"
    r"he (?:cambiado|mantenido|reemplazado|eliminado|añadido|escrito|ajustado|acortado|revisado|reescrito)|"
    r"ho (?:modificato|mantenuto|sostituito|tolto|aggiunto|scritto|accorciato|rivisto)"
)
_OFFER_ABROAD = (
    r"¿?(?:sag (?:mir|einfach|bescheid)|sagen sie|lass(?:en sie)? (?:es )?mich|gib mir|geben sie mir|"
    r"möchte(?:st du|n sie)|soll ich|"
    r"(?:wenn|falls) (?:du|sie)|ich hoffe|hoffentlich|(?:gerne )?kann ich|ich kann|viel (?:spaß|freude)|"
    r"n['’]hésite[zr]? pas|j['’]espère|(?:dis|dites|fais|faites)-moi|voulez-vous|veux-tu|souhaite[sz]-(?:vous|tu)|"
    r"aimerie[zs]-vous|si (?:vous|tu)|je peux|bonne lecture|espero que|av[ií]same|d[ií]me|d[ií]game|h[aá]zme|"
    r"d[eé]jame|(?:te|le) gustar[ií]a|quieres|deseas?|si (?:lo )?(?:quieres|deseas|necesitas|prefieres)|no dudes en|"
    r"puedo|spero che|fammi sapere|vuoi che|se (?:vuoi|desideri|preferisci)|dimmi|posso|(?:me )?avise|diga-me|"
    r"quer que|se (?:quiser|desejar|preferir)|laat (?:het )?me|wil je|ik hoop|als je)"
)
_FOREIGN_TASK = (
    r"(?:ver)?änder\w*|anpass\w*|überarbeit\w*|gefällt|gefallen|wünsch\w*|weitere?[nrs]?|"
    r"pla[iî]\w*|chang\w*|ajust\w*|retouch\w*|autre chose|améliorer|convien\w*|"
    r"cambi\w*|guste|modific\w*|algo m[aá]s|piaccia|goste|mud(?:e|ar|anças?)|alter(?:e|ar|ações)|aanpass\w*|verander\w*"
)
_OF_THE_WORK = (
    rf"{_FOREIGN_WORK}|"
    r"poems?|drafts?|versions?|revisions?|revise[ds]?|revising|rewr\w+|stanzas?|haikus?|sonnets?|"
    r"limericks?|couplets?|gedichte?|po[eè]mes?|poemas?|poesie|poes[ií]as?|"
    r"quatrains?|villanelles?|pantoums?|clich[eé]s?|critiques?|feedback|suggestions?|your brief|the brief|"
    r"briefs? asked|"
    r"rhyme schemes?|rhyming|iambic|pentameter|tetrameter|free verse|blank verse|enjambments?|alliteration|imagery|"
    r"metaphors?|syllables?|wording|phrasing|lines? \d+|title|tone|theme[sd]?|readers?|the request|as requested|"
    r"(?:first|second|third|fourth|fifth|last|closing|opening|strong|strongest|weak|weakest|"
    r"final) (?:two )?(?:lines?|images?|words?)"
)
WORK = re.compile(rf"\b(?:{_OF_THE_WORK})\b", re.IGNORECASE)
DONE = (
    r"made|changed|kept|tried|added|removed|replaced|revised|rewrote|rewritten|reworked|written|wrote|"
    r"crafted|composed|"
    r"created|adjusted|tightened|updated|incorporated|aimed|attempted|focused|avoided|used|cut|trimmed|preserved|"
    r"strengthened|addressed|shortened|fixed|swapped|altered|reordered|hoped|included"
)
I_DID = re.compile(
    rf"^(?:(?:i|we)(?:['’]ve| have)?(?: also| then| now| tried to| only)? (?:{DONE})|{_FOREIGN_DID})\b", re.IGNORECASE
)
DID = re.compile(rf"^(?:{DONE})\b", re.IGNORECASE)
FOREIGN_OFFER = re.compile(rf"^{_OFFER_ABROAD}", re.IGNORECASE)
OFFER = re.compile(
    rf"^(?:please )?(?:{_OFFER_ABROAD}|"
    r"let me know|(?:i(?:['’]d| would) |would )love|want (?:a|an|me to|it|another)|"
    r"feel free|would you like|do you want|shall i|should i|if you(?:['’]d|"
    r" would)? (?:like|"
    r"want|need|prefer)|if there(?:['’]s| is) anything|i(?:['’]d| would|['’]m| am) (?:be )?(?:happy|glad)|happy to|"
    r"(?:i (?:do )?)?hope you (?:like|enjoy)|i (?:do )?(?:hope|trust) (?:this|it|that|you|the)|"
    r"hope (?:this|it|you)|i can (?:also )?(?:revise|"
    r"adjust|make|write|"
    r"provide|try|change|offer)|i(?:['’]ll| will) (?:be happy|revise|adjust|try|write|do my best)|don['’]t hesitate|"
    r"is there anything|thank(?:s| you) for|what do you think|how does (?:this|that)|enjoy)\b",
    re.IGNORECASE,
)
TASK = re.compile(
    rf"\b(?:{_OF_THE_WORK}|{_FOREIGN_TASK}|"
    rf"you (?:like|love|enjoy) (?:it|this)|changes?|adjust\w*|tweak\w*|edit\w*|help\w*|"
    rf"modif\w+|improve\w*|anything else|questions?|"
    r"different (?:form|style|direction|approach)|meets?|expectations?|looking for|further|another (?:one|try|take)|"
    r"your thoughts|"
    r"adjustments?|refine\w*|vision|capture[sd]?|like this|sharing|approach|works? (?:\w+ )?for you|what you think|"
    r"try (?:another|a different)|"
    r"(?:it|one|this|ending) (?:shorter|longer|darker|lighter|simpler|funnier|sadder|softer|warmer|different)|"
    r"(?:shorter|longer|darker|lighter|simpler|softer|different) (?:ending|one|take))\b",
    re.IGNORECASE,
)
CONSENT = re.compile(
    r"^(?:sure(?: thing)?|certainly|of course|absolutely|okay|ok|alright|all right|got it|understood|"
    r"no problem|gladly|"
    r"great(?: idea| choice| question| prompt)?|wonderful|with pleasure|definitely|thank you|thanks|as requested|"
    r"happy to help|voil[aà]|claro(?: que s[ií])?|bien sûr|natürlich|(?:sehr )?gerne?|selbstverständlich|por supuesto|"
    r"certo|certamente|natuurlijk|d['’]accord|avec plaisir|con (?:mucho )?gusto|com certeza|perfecto)(?=\W|$)",
    re.IGNORECASE,
)
HERE = re.compile(
    r"^(?:so,? |now,? )?(?:hier (?:ist|sind|kommt|is|zijn)|"
    r"voici|aqu[ií] (?:tienes?|est[aá]n?|va|te dejo)|ecco(?:ti)?|segue|"
    r"voil[aà]|here(?:['’]s| is|"
    r" are| it is| you go| goes)|below(?: is| are|,| you)|"
    r"(?:in )?the following|"
    r"this is (?:my|the|a) (?:revised|new|final)|i(?:['’]ve| have) (?:written|revised|made|tried|rewritten|crafted|"
    r"composed|created|reworked|prepared)|i(?:['’]ll| will)|let me|let['’]s|my (?:revised|new|final|"
    r"second)|based on)\b",
    re.IGNORECASE,
)
BARE_HERE = re.compile(r"here(?: it is| you go| goes|['’]s my (?:attempt|take|try)|['’]s one)[.:!]*", re.IGNORECASE)
OF_A_TASK = re.compile(r"\b(?:attempt|try|take|response|answer|result|piece|rewrite|text|verses?)\b", re.IGNORECASE)
SPEAKS_OF = re.compile(
    r"^(?:in )?(?:this|the|my|each|these|overall,? (?:this|the))\s(?:\w+\s){0,2}?(?:poem|version|revision|"
    r"draft|piece|haiku|sonnet|"
    r"limerick|stanzas?|changes|lines?|imagery|title|rhyme scheme|verses|meter|form|structure|tone|ending|"
    r"poet|speaker)\b",
    re.IGNORECASE,
)
OF_ITS_DRAFT = re.compile(r"this (?:revision|revised \w+|version|draft|rewrite) (?:\w+s|has|is|now)\b", re.IGNORECASE)
DISCOURSE = re.compile(
    r"\b(?:uses|using|aims?|explores?|captures?|attempts?|employs?|evokes?|conveys?|maintains?|"
    r"address(?:es)?|reflects?|"
    r"emphasi[sz]es?|highlights?|adheres?|incorporates?|focus(?:es)?|follows|avoids?|sense of|emotions?|"
    r"structure[ds]?|leans on|relies on|plays (?:with|on)|draws on|builds (?:to|on|toward)|rather than|lineation|"
    r"consists?|contrasts?|suggests|symboli[sz]es?|embodies|concrete|sensory|stronger|intended|were made|was made)\b",
    re.IGNORECASE,
)
NOTE = re.compile(
    r"^(?:(?:author|poet|translator|editor)['’]?s |my |revision |final |brief |key |main |list of |summary of |a )*"
    r"(?:anmerkung(?:en)?|hinweise?|änderungen|notas?|cambios|modifiche|modifications|"
    r"notes?|changes(?: made| i(?:['’]ve| have)? made)?|"
    r"what (?:i |i(?:['’]ve| have) |has )?changed|explanations?|commentary|analysis|rationale|reflections?|"
    r"summary|(?:self-?)?check(?:list)?|keywords|word choices?|"
    r"(?:word|line|syllable) counts?|syllables|rhyme scheme|meter|metre|form|structure|tone|themes?|style|"
    r"why (?:this|it) works|how (?:this|it) \w+[^:\n]{0,40}|feedback|critique|p\.?\s?s\.?|disclaimer|"
    r"changelog|revisions?|about (?:this|the) poem)"
    r"(?: on [^:\n]{0,40}| about [^:\n]{0,40}| made| for [^:\n]{0,30})?\s*(?P<colon>:|$)",
    re.IGNORECASE,
)
_SCORE = r"\d+(?:\.\d+)?\s*(?:/|out of|%)\s*\d*|yes|no|none|high|medium|low|n/a|\d+"
#: One line of a report on the poem: a label of the trade, or any with a score.
REPORT = re.compile(
    rf"^(?:(?:self[- ]?assessment|rating|score|confidence|clich[eé]s?(?: \w+)?|quality|originality|mood|style|title|"
    rf"form|length|tone|themes?|met(?:er|re)|syllables|rhymes?(?: scheme)?|(?:word|line) count|"
    rf"sound|turn|angle|images from|(?:revised|changed|edited) lines?|lines (?:revised|changed|edited)|"
    rf"lines unchanged|strengths?|weakness(?:es)?|"
    rf"(?:tokens|words|lines|characters)(?: used| in all)?)\s*:\s*"
    rf"(?P<score>{_SCORE})?.*|"
    rf"[\w' -]{{2,30}}:\s*\d+(?:\.\d+)?\s*(?:/|out of)\s*\d+.{{0,60}})$",
    re.IGNORECASE,
)
#: The smallest words of these languages, by which verse in one of them is known.
ABROAD = re.compile(
    r"\b(?:der|das|und|ist|ich|nicht|eine?|zu|im|auf|les?|la|et|je|que|des?|du|une?|est|el|los|las|y|en|il|che|di|gli|os|"
    r"da|het|een|van|ik)\b",
    re.IGNORECASE,
)
LABELLED = re.compile(r"^[\w' /()-]{2,40}:\s*\S.{0,80}$")
#: How a model begins that thinks aloud before it writes.
ABOUT_THE_USER = re.compile(
    r"^(?:okay|ok|alright|hmm|right|so|well)\b\W+(?:so\s+)?"
    r"the user(?:['’]s)? (?:wants?|wanted|asks?|asked|is asking|needs?|would|"
    r"said|says|gave|requests?|requested)\b",
    re.IGNORECASE,
)
NO_HELP = re.compile(
    r"\b(?:as an ai|language model|ai assistant|should (?:it|the poem) (?:rhyme|be)|please (?:choose|"
    r"select|wait) |i(?:['’]m| am) (?:sorry|unable|not able|afraid)|i apologi[sz]e|"
    r"i (?:cannot|can['’]t|can not|won['’]t|am not able to) (?:\w+ )?(?:write|help|assist|provide|create|"
    r"continue|fulfil\w*|"
    r"generate|do that|comply)|(?:please|could you|can you|would you)(?: please)? (?:provide|share|give|"
    r"send|tell|paste|clarify|"
    r"specify|describe)|(?:what|which) (?:kind|type|form|topic|subject|tone|style|theme)\b|"
    r"i can help you (?:write|with)|i (?:would |will |['’]d )?need (?:more|the|to know|some|a (?:bit|little)))",
    re.IGNORECASE,
)
HELP = re.compile(
    rf"\b(?:{_OF_THE_WORK}|help|assist\w*|details?|information|provide|share|context|content|guidelines|"
    rf"topic|that for you|subject|would you like|rhyme|another one|"
    r"policy|comply|language model|an ai|mind|would like)\b",
    re.IGNORECASE,
)
ERROR = re.compile(
    r"^(?:error|traceback|http[ /]|\{\"error|<!doctype|<html)|\b(?:please )?try again later\b|current quota\b|"
    r"\brate limit\b|\b(?:server|model|service) is (?:currently )?(?:overloaded|unavailable|busy|loading)\b|"
    r"\bread the docs\b",
    re.IGNORECASE,
)
#: Words that hardly anybody uses but of verse as work; one is nearly enough. They are weighed, not believed (`edges`).
TRADE = re.compile(
    r"poems?|poetic|stanzas?|rhym\w+|unrhymed|drafts?|prompts?|metaphors?|similes?|haikus?|sonnets?|ballads?|"
    r"villanelles?|sestinas?|limericks?|couplets?|tercets?|quatrains?|octaves?|volta|refrains?|enjambe?\w*|iambic|"
    r"anapa?estic|trochaic|dactylic|scansion|pentameter|tetrameter|trimeter|syllables?|syllabic|meter|metre|alliteration|assonance|anaphora|imagery|clich[eé]s?|"
    r"spoken-word|verses?|dedication|epigraph|narrator|deliberate|intentional|intentionally|placeholders?|gedicht\w*|"
    r"strophen?|reim\w*|kreuzreim\w*|vers[eo]?s?|po[eè]m[ea]s?|rimes?|rimas?|strophes?|estrofas?|consignes?|rytme|rythme|"
    r"plosives?|sibilan\w+|consonan\w+|caesuras?|slant|"
    r"metaphern?|métaphores?|metáforas?|hebungen|silben|wiersz\w*|rym\w*|şiir\w*|poesi[ae]|strof[ae]",
    re.IGNORECASE,
)
#: Words that are of the work more often than not, where a poem does not use them itself.
CRAFT = re.compile(
    r"lines?|endings?|images?|titles?|tones?|voices?|forms?|rhythms?|versions?|sections?|readers?|themes?|metaphor\w*|"
    r"idea|ideas|challenges?|requests?|constraints?|vocabulary|language|structure|details?|"
    r"repetition|spacing|layout|format|punctuation|beats?|length|attempts?|"
    r"imagined|echoes|imitates?|mimics?|symbols?|symboli[sz]es?|suggests?|closing|opening|"
    r"pause|aloud|perform\w*|publish\w*|magazine|workshop|word|words|phrase|phrases|speaker|mood|style|choice|choices|"
    r"shape|ambiguous|explain\w*|unexplained|sentences?|concrete|abstract\w*|feedback|thoughts|options?|alternatives?|examples?|"
    r"lieber|variante|zeilen?|schluss|ton|bild|auftrag|idée|ligne|fin|finale|question|imagen?|palabras?|final|línea|nota|"
    r"hinweis|note|wersji|form[ae]?|inventory|item|template|fields?|figures|playful|subtle|cozy",
    re.IGNORECASE,
)
#: What is offered or asked at the end of a turn, anywhere in it.
OFFERS = re.compile(
    r"\b(?:(?:let|lemme|tell) (?:me )?know|lemme|lmk|tell me|"
    r"if you(?:['’]d| would)? (?:like|want|prefer|need|meant|tell)|"
    r"if it(?:['’]s| is) too|i (?:can|could) (?:also |always |easily |just )?(?:\w+ )?(?:it|that|"
    r"this|more|another|one|a|the)\b|(?:i(?:['’]d| would) |would )be (?:happy|glad)|happy to|"
    r"like me to|glad to|i(?:['’]ll| will) (?:write|try|give) you|want (?:it|me|a|an|another|the|to)|would you|"
    r"do you (?:want|like|prefer)|"
    r"does (?:this|that|it|the)\b|shall i|should i|feel free|hope (?:it|this|that|you|the)|"
    r"anything (?:you|else)|(?:please )?double-check|swap\w*|tweak\w*|stay tuned|there you (?:go|are)|"
    r"here you (?:go|are)|here(?:['’]s| is|['’]re| are)(?=.*[:!]\W*$)|i(?:['’]m| am) here|magst du|möchtest|"
    r"gern(?:e)? |"
    r"quelle |voilà|on peut|votre avis|lo quieres|puedo|qué |me gusta|mam nadzieję|mogę|umarım|ister misiniz)",
    re.IGNORECASE,
)
#: As above, and as often in verse.
MAY_OFFER = re.compile(r"\b(?:you|i|we) (?:can|could|may|might|would)\b|\bif (?:it|that|you)\b", re.IGNORECASE)
#: Somebody who made something and says so.
MADE = re.compile(
    r"\bi(?:['’]ve| have)?(?: also| then| just| mostly| only)? (?:\w{3,}ed|broke|wrote|made|gave|let|kept|put|took|"
    r"left|cut|built|set|chose|went|read|leant|meant|thought|found) "
    r"(?:it|this|that|them|these|the|you|a|an|each|every|in|for|with)\b",
    re.IGNORECASE,
)
#: What was meant to be done to the poem; a line of verse may begin so too, so that it must be longer and of the work.
MEANT = re.compile(
    r"\bi(?:['’]ve| have)? (?:focused on|concentrated on|leaned (?:on|into)|relied on|drew on|opted for|"
    r"aimed (?:for|to)|steered (?:away|clear)|avoided|resisted|"
    r"tried to (?:keep|avoid|honou?r|stay|use|capture|convey|echo|match|balance))\b",
    re.IGNORECASE,
)
#: An offer that no verse makes: what else could be written.
I_OFFER = re.compile(
    r"\bif you(?:['’]d| would)? (?:like|prefer|want|wish),? i (?:can|could|will|would)\b|"
    r"\bhope (?:it|this) (?:fits|helps|works|suits|lands|pleases|meets|does)\b|"
    r"\bif (?:that|it|this)(?:['’]s| is| feels| seems) too [\w ,]{3,40},? i(?:['’]ll| can| could)\b|"
    r"\bif you(?:['’]d| would) (?:like|prefer|rather)[^.]{0,40}, i(?:['’]ll| can| could) (?:also )?(?:add|cut|trim|"
    r"make|write|try|change|rework|swap|expand|shorten|tighten)\b",
    re.IGNORECASE,
)
