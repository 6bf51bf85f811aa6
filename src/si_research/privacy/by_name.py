"""Recognising by name: words for who, where and when in the name of a column or in its question.

A name is a promise that the cells can break: a column ``e-mail`` of fives and fours asks how often
people write one. Words are Dutch, English and German; they count as whole words only, so that
"naam bedrijf", "employer name" and "adresseren" say nothing of a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from si_research.privacy.cells import Cells
from si_research.privacy.finding import IdentifierKind

_PERSON: Final = (
    "respondent|deelnem(er|ster)|medewerk(er|ster)|werknem(er|ster)|leidinggevende|manager|chef|baas|collega|"
    "contactpersoon|invuller|persoon|student|leerling|participant|employee|supervisor|colleague|contact|"
    "person|"
    "mitarbeiter(in)?|vorgesetzte[rn]?|teilnehmer(in|s)?|kolleg(e|in)|ansprechpartner"
)
_LABELS: Final[Mapping[IdentifierKind, str]] = {
    "name": "(voor|achter|familie|roep|meisjes)na(am|men)|voorletters?|tussenvoegsels?|initialen|"
    "(first|last|full|middle|given|family|maiden) ?names?|surname|(vor|nach|zu|familien|geburts)namen?|"
    "(vor|nach) und nachname|"
    rf"(naam|name|namen) (van |of |des |der )?(de |het |the |uw |je |your )?({_PERSON})|"
    rf"({_PERSON})s? ?(naam|name)|"
    "contact ?persoon|contact person|ansprechpartner(in)?|handtekening|signature|unterschrift",
    "email": "e ?mail( ?(adres|address|adresse))?|mail ?(adres|address|adresse)",
    "telephone": "telefoon ?(nummer|nr)?|tel( ?nr)?|telnr|mobiel( ?(nummer|nr))?|gsm( ?nummer)?|06 ?nummer|"
    "(tele)?phone( ?(number|no|nr))?|mobile( ?(phone|number))?|cell ?phone|telefon ?(nummer|nr)?|"
    "handy ?(nummer|nr)?|"
    "rufnummer|whatsapp ?(nummer|number)?",
    "bank_account": "iban|bank ?rekening( ?(nummer|nr))?|rekening ?(nummer|nr)|(bank )?account ?(number|no)|"
    "bank ?account|konto ?(nummer|nr)|bankverbindung|credit ?card( ?number)?|credit ?kaart( ?nummer)?",
    "citizen_number": "bsn( ?nummer)?|burger ?service ?(nummer|nr)|sofi ?(nummer|nr)|"
    "rijksregister ?(nummer|nr)|ssn|"
    "social security( ?(number|no))?|national (id|insurance)( ?number)?|steuer ?(id|identifikationsnummer|"
    "nummer)|"
    "sozialversicherungs ?nummer|pas(s)?poort ?(nummer|nr)?|passport( ?(number|no))?|"
    "identity card( ?number)?|"
    "personalausweis ?(nummer)?|big ?nummer",
    "respondent_code": "(personeels|medewerkers?|werknemers?|studenten?|leerling|klant|relatie|panel|"
    "lidmaatschaps?) ?"
    "(nummer|nr)|(employee|staff|student|customer|member|panel|worker) ?(number|no|id)|"
    "(personal|mitarbeiter|matrikel|kunden) ?(nummer|nr)|token|toegangs ?code|access ?code|zugangs ?code|"
    "(deelnem(er|ers)|respondent(en)?|participant|persoonlijke|personal|teilnehmer|vpn?|versuchspersonen|"
    "probanden) ?"
    "code|external (data )?reference|extern[ea]l? (data ?)?referen(tie|z)|externe verwijzing|"
    "gebruikers ?naam|user ?name|benutzer ?name|login|prolific ?(p)?id|mturk",
    "ip_address": "ip ?(adres|address|adresse|addr)|client ip",
    "location": "latitude|longitude|breedte ?graad|lengte ?graad|breitengrad|l[aä]ngengrad|gps( .*)?|"
    "co ?[oö]rdina(at|ten|te|tes)|koordinaten?|geo ?(locatie|location|point|loc)",
    "address": "(woon|huis|post|bezoek|thuis)? ?adres(gegevens)?|straat( ?naam)?|huis ?(nummer|nr)|"
    "post ?code|"
    "zip( ?code)?|postal ?code|(home |street |postal |mailing )?address|street( ?name)?|house ?(number|no)|"
    "(post)?anschrift|(post)?adresse|strasse( und hausnummer)?|hausnummer|postleitzahl|plz",
    "birth_date": "(geboorte|geb) ?datum|(date|day) of birth|birth ?(date|day)|dob|geburts ?(datum|tag)|"
    "(date|day) (you (are|were) )?born",
    "exact_time": "time ?stamp|tijd ?stempel|zeit ?stempel|(start|end|submit|recorded|stored|completion|"
    "submission) ?"
    "(date|time)( time)?|date ?(stamp|submitted|started|created|modified|last action)|(begin|start|eind|"
    "voltooiings|"
    "invul) ?(tijd|datum)( ?stip)?|datum (verstuurd|laatste actie|abgeschickt|gestartet|letzte aktivität)|"
    "(start|end) ?zeit|fertigstellungszeit",
    "device": "user ?agent|browser( ?(type|version|versie))?|operating ?system|besturings ?systeem|"
    "betriebssystem|"
    "device( ?(type|model|id))?|apparaat|(screen|scherm) ?resolut(ion|ie)|imei|mac ?(address|adres)|"
    "meta info",
    "web_address": "url|ref ?url|web ?(site|adres|address)|linked ?in( profiel| profile)?|home ?page|"
    "referr?er|"
    "verwijzer( url)?|weiterleitungs url",
    "free_text": "opmerking(en)?|toelichting|suggesties?|suggestions?|(other )?comments?|remarks?|tips|"
    "(anders|andere|overig|overige) (namelijk|nl)|namelijk|(please|bitte) (specify|angeben|describe|"
    "explain|elaborate)|"
    "open (antwoord|vraag|answer|ended response|question)|(vrije|free|open) te[ks]+t|freitext|"
    "anmerkung(en)?|bemerkung(en)?|kommentare?|sonstiges|verbeterpunten|slotopmerking(en)?",
}
"""Words in a name of a few words."""
_WHOLE: Final[Mapping[IdentifierKind, str]] = {
    "name": "((uw|je|jouw|your|ihr|mijn|my) )?(naam|name|namen|names|nom)|ontvanger|recipient|empfänger|"
    "aanvrager|"
    "applicant|begunstigde",
    "respondent_code": "gebruikers?|inlog ?(naam|code)|user|account ?(naam|name)|"
    "kenteken( ?(nummer|plaat))?|(licen[cs]e|number|registration) plate( number)?|(kfz|auto) ?kennzeichen",
    "ip_address": "ip",
    "location": "lat|lon|lng|long",
    "address": "adres|address|adresse",
}
"""Names that say it only when they stand alone."""
_YOUR: Final = "(uw|je|jouw|your|ihre?n?|mijn|my|the|het|een|an?|eine?)"
_QUESTIONS: Final[Mapping[IdentifierKind, str]] = {
    "name": r"(wat is|what is|what's|wie ist|vul|geef|noteer|enter|fill in|type|geben sie) .{0,40}\b(naam|"
    r"namen?)\b|"
    "(voor|achter)na(am|men)|(first|last|full) names?|surname|(vor|nach)name",
    "email": rf"e ?mail ?(adres|address|adresse)|mail ?adres(se)?|{_YOUR} e ?mail",
    "telephone": rf"(telefoon|mobiele?|telefon|handy|06) ?nummer|(tele|mobile )?phone number|"
    rf"{_YOUR} (telefoon|telefon)",
    "bank_account": "iban|rekening ?nummer|account number|konto ?nummer",
    "citizen_number": "bsn|burger ?service ?nummer|social security number|steuer ?(id|identifikationsnummer)",
    "respondent_code": "(personeels|medewerkers|studenten) ?nummer|(employee|student|staff) (number|id)|"
    "(personal|matrikel) ?nummer|(versuchspersonen|teilnehmer|deelnemers|participant|persoonlijke|"
    "personal) ?code",
    "address": rf"{_YOUR} (home |woon|thuis|post)? ?(adres|address|adresse|anschrift)|woon ?adres|"
    rf"home address|"
    "huis ?nummer|straat ?naam|post ?code|postal code|zip code|hausnummer|postleitzahl",
    "birth_date": "geboorte ?datum|date of birth|birth ?date|geburts ?datum|date you (are|were) born",
    "free_text": r"(leg|licht) .{0,60}\b(uit|toe)|alles intypen|(eigen|own|eigenen) (woorden|words|worten)|"
    r"namelijk|"
    "toelichting|opmerkingen|suggesties|comments|(please|bitte) (specify|angeben|describe|explain|"
    "elaborate|beschreiben)|"
    "beschreiben sie|beschrijf|other \\(?please",
}
"""Words in a question: narrower, since questions speak of names and addresses that nobody has to give."""
_NOT_HOME: Final = re.compile(
    r"\b(ip|e ?mail|mail|web|mac|internet) (adres|address|adresse)\b|\bmail(ing)? address list\b"
)
_HOUSE: Final = re.compile(r"\b(huis|house|haus) ?(nummer|nr|number|no)\b")
_LONGEST_LABEL: Final = 8
_READ: Final = 60
"""Words of a question that are read: what is asked stands at the beginning, information sheets do not end."""
_LOOKS_LIKE: Final[Mapping[str, str]] = {
    "exact_time": "[0-9]{1,2}:[0-9]{2}",
    "location": "[0-9]{2}[.,°][0-9]{2}",
}
"""What at least one cell must hold, since these words mean other things too: a start date, a long form."""
_NEVER_A_NUMBER: Final = frozenset({"name", "email", "ip_address", "device", "web_address", "free_text"})
_SMALLEST: Final[Mapping[str, float]] = {"birth_date": 1e6, "exact_time": 1e8}
_FEW_NAMES: Final = frozenset({"name", "address"})
"""Kinds that many people may share: the name of their manager, the address of their office."""


def _whole_words(patterns: Mapping[IdentifierKind, str]) -> dict[IdentifierKind, re.Pattern[str]]:
    return {kind: re.compile(rf"\b({pattern})\b") for kind, pattern in patterns.items()}


_IN_LABEL: Final = _whole_words(_LABELS)
_IN_QUESTION: Final = _whole_words(_QUESTIONS)
_ALONE: Final = {kind: re.compile(pattern) for kind, pattern in _WHOLE.items()}


def words_of(name: str) -> str:
    """Return a name as separate words in lower case.

    Examples
    --------
    >>> words_of("RecipientLastName"), words_of("IPAddress"), words_of("Q3_E-mail:"), words_of("Straße1")
    ('recipient last name', 'ip address', 'q 3 e mail', 'strasse 1')
    """
    apart = re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=\D)(?=\d)|(?<=\d)(?=\D)", " ", name)
    return " ".join(re.sub(r"[^\w']|_", " ", apart).casefold().split())


def kinds_by_name(name: str, question: str = "") -> dict[IdentifierKind, str]:
    """Return the kinds that a name or its question speaks of, and which of the two does.

    Examples
    --------
    >>> kinds_by_name("Q7", "Wat is uw e-mailadres?"), kinds_by_name("Voornaam")
    ({'email': 'question'}, {'name': 'name'})
    >>> kinds_by_name("Naam bedrijf")
    {}
    """
    found: dict[IdentifierKind, str] = {}
    for said, text in (("name", name), ("question", question)):
        words = words_of(text)
        is_label = said == "name" and words.count(" ") < _LONGEST_LABEL
        for kind in _kinds_in(words):
            found.setdefault(kind, "name" if is_label else "question")
    return found


def _kinds_in(words: str) -> Iterator[IdentifierKind]:
    beginning = " ".join(words.split()[:_READ])
    yield from (kind for kind, pattern in _IN_QUESTION.items() if pattern.search(beginning))
    if words.count(" ") >= _LONGEST_LABEL:
        return
    alone = re.sub(r"^(q|v|vraag|frage|question)? ?\d+ |( \d+)+$", "", words)
    for kind, pattern in _IN_LABEL.items():
        searched = _NOT_HOME.sub(" ", words) if kind == "address" else words
        if pattern.search(searched):
            yield kind
    yield from (kind for kind, pattern in _ALONE.items() if pattern.fullmatch(alone))


def cells_contradict(kind: IdentifierKind, cells: Cells, name: str, said: str) -> bool:
    """Whether the cells show that the name means something else: marks, amounts, answers to choose from."""
    if cells.n_filled == 0:
        return False
    if cells.is_number:
        return _numbers_contradict(kind, cells, name)
    if kind in _LOOKS_LIKE and not cells.matching(_LOOKS_LIKE[kind]).any():
        return True
    return cells.is_closed or (cells.is_repeated and (said == "question" or kind not in _FEW_NAMES))


def _numbers_contradict(kind: IdentifierKind, cells: Cells, name: str) -> bool:
    numbers = cells.as_numbers
    highest = float(numbers.max())
    if kind in _NEVER_A_NUMBER:
        return True
    if kind == "location":
        return bool((numbers == numbers.round()).all()) or highest > 180
    if kind == "address":
        return not _HOUSE.search(words_of(name)) or bool((numbers != numbers.round()).any())
    if kind == "respondent_code":
        return highest <= 2 * cells.n_filled
    return highest < _SMALLEST.get(kind, 1e7)
