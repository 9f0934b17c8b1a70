"""Words beside phone numbers, as patterns: what says "phone", what announces an extension, what joins two numbers."""

from __future__ import annotations

_NO_LETTER_BEFORE = r"(?<![^\W\d_])"
_NO_LETTER_AFTER = r"(?![^\W\d_])"


def _words(*words: str) -> str:
    return f"{_NO_LETTER_BEFORE}(?:{'|'.join(words)}){_NO_LETTER_AFTER}"


# Only what says "phone" and nothing else: a fax, a "home" or a "WhatsApp" is a remark that must not get lost.
LABEL = _words(
    r"(?:(?:контактный|номер)\s+)?тел(?:ефон(?:а|у|ы)?)?",
    r"моб(?:ил(?:ьный|ьн)?)?",
    r"сот(?:овый)?",
    r"(?:tele)?phone(?:\s+number)?",
    r"t[eé]l(?:efon|[eé]phone|[eé]fono)?(?:[\s.-]*n[or])?",
    r"tlf|tfno?",
    r"mob(?:ile?)?",
    r"mobil(?:e\s*phone|telefon|funk)",
    r"(?:telefon|ruf|handy|mobil(?:funk)?)nummer",
    r"(?:tele)?m[óo]v(?:il|el)",
    r"cell?(?:ulare?|\s*phone)?",
    r"portable",
    r"kom(?:órka)?",
    r"handy",
    r"gsm",
    r"ph",
    r"电话|電話|手机|手機|携帯|전화|휴대폰",
)
PHONE_SIGN = "[☎☏✆📞📱📲]"

EXTENSION_WORD = (
    _words(
        r"доб(?:ав(?:очн(?:ый|ого))?)?",
        r"доп(?=[\s.:№]*\d{1,6}(?![\s(]*[\d-]))",  # before a whole number it says "one more"
        r"вн(?:ут(?:р(?:енн(?:ий|его))?)?)?",
        r"дод(?:атковий)?",
        r"внутрішній",
        r"дад(?:атковы)?",
        r"ішкі",
        r"e?xt(?:n|ens(?:ion|ión|ão))?|ex",
        r"[x×хpw]",  # word processors make the sign of an x; the letter is Cyrillic; phones dial `p` and `w` as pauses
        r"durchwahl",
        r"dw",
        r"nebenstelle",
        r"nst",
        r"anexo",
        r"ramal",
        r"int(?:erno|erne)?",
        r"poste",
        r"wew(?:n(?:ętrzny)?)?",
        r"(?:kl|klapka)",
        r"linka",
        r"mell(?:ék)?",
        r"dahili",
        r"toestel|tst",
        r"ankn(?:ytning)?",
        r"apparat",
    )
    + "|#|内線|分机|分機|转|轉|내선"
)
NUMBER_WORD = _words("номер", "т", "number", "nummer", "numer", "num", "nr", "no", "n°")

OR = _words("или", "or", "und")
AND = _words(
    *("и", "і", "й", "та", "або", "чи", "либо", "and", "oder", "bzw", "sowie", "et", "ou", "lub", "oraz", "en", "of"),
    *("og", "och", "eller", "ja", "tai", "ve", "veya"),
)
