"""Names of people by content: titles, initials, and first names that many people bear."""

from __future__ import annotations

from typing import Final

import numpy as np

from si_research.privacy.cells import Cells, Mask

LETTERS: Final = "A-Za-zÀ-ÖØ-öø-žƠơƯưẠ-ỹ"
CAPITAL: Final = "[A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĖĘĚĞĢĪĮİĶĹĻĽŁŃŅŇŐŒŔŘŚŞŠȘŢŤȚŪŮŰŲŹŻŽƠƯẠẢẤẦẨẬẮẰẶẸẾỀỆỊỌỐỒỘỚỜỢỤỨỪỰỲỴ]"
_TITLE: Final = (
    r"^(?i:dhr|de heer|hr|mevr|mw|mevrouw|mr|mrs|ms|miss|herr|frau|dr|drs|ir|ing|prof)\.? +"
    r"((van|von|de|der|den|ter|ten|te|het|'t|el|al) )*[A-ZÀ-ÖØ-Þ]"
)
PARTICLES: Final = r"( (van|von|vom|de|der|den|ter|ten|te|het|'t|op|in|aan|la|le|du|di|el|al|zu|bin|ben))*"
_SURNAME: Final = rf"{PARTICLES} {CAPITAL}[{LETTERS}'’-]+"
_INITIALS: Final = (
    rf"^({CAPITAL}[a-z]?\. ?){{1,5}}{PARTICLES} ?{CAPITAL}[{LETTERS}'’-]+$|"
    rf"^{CAPITAL}[{LETTERS}'’ -]+, ?({CAPITAL}\. ?)+"
)
FIRST: Final = (
    "Jan|Piet|Pieter|Peter|Kees|Cees|Klaas|Henk|Hendrik|Johan|Johannes|Hans|Willem|Wim|Gerrit|Dirk|Rob|"
    "Robert|Erik|Eric|"
    "Jeroen|Mark|Marco|Martijn|Maarten|Bas|Tom|Thomas|Tim|Daan|Sem|Lucas|Lars|Bram|Ruben|Stefan|Paul|Frank|"
    "Ron|Ronald|"
    "Michiel|Michel|Arjan|Sander|Dennis|Patrick|Richard|Marcel|Rene|René|Edwin|Jos|Ton|Theo|Karel|Mohamed|"
    "Mohammed|"
    "Ahmed|Ali|Mustafa|Maria|Anna|Anne|Johanna|Marieke|Marijke|Annemarie|Ingrid|Monique|Esther|Linda|"
    "Sandra|Petra|"
    "Wilma|Ria|Ans|Els|Ellen|Karin|Saskia|Marloes|Lisa|Emma|Sophie|Julia|Eva|Sara|Sarah|Fatima|Laura|Kim|"
    "Femke|"
    "Sanne|Lotte|Inge|Anja|Anita|Mieke|John|James|David|Michael|William|Andrew|Matthew|Daniel|Chris|"
    "Christopher|"
    "Mary|Jennifer|Patricia|Elizabeth|Susan|Jessica|Karen|Nancy|Emily|Hannah|Wolfgang|Klaus|Jürgen|Dieter|"
    "Uwe|Bernd|Andreas|Matthias|Sabine|Monika|Ursula|Claudia|Birgit|Heike|Stefanie|Katharina"
)
_FIRST_NAME: Final = rf"^({FIRST})(-{CAPITAL}[{LETTERS}]+)?( {CAPITAL}\.)*({_SURNAME}){{0,2}}$"
FIRM: Final = (
    r"(?i)\b(b\.? ?v|n\.? ?v|v\.? ?o\.? ?f|c\.? ?v|gmbh|ag|ltd|inc|llc|plc|sa|holding|groep|group|"
    r"stichting|vereniging|"
    r"maatschap|co[oö]peratie|& co|en zonen|bros|services|solutions|technologies|international|nederland)\b"
)


def person_names(cells: Cells) -> Mask:
    """Mark names with a title, with initials, or with a first name that many people bear; never a firm's.

    A fifth of the cells is enough: no list of first names holds everybody's.
    """
    people = cells.matching(_TITLE) | cells.matching(_INITIALS) | cells.matching(_FIRST_NAME)
    if people.any():
        people &= ~cells.matching(FIRM)
    return np.asarray(people, dtype=bool)
