"""Whether a text names a number or an item that it was not given: what can be checked of a sentence without reading it.

Numbers are looked for in digits and in English and Chinese words, titles with and without the year and the article, in
its place or moved to the end. What a number or a title is said to be is not checked: that takes a reader.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

# Letters of scripts that do not put spaces between words: a name may begin and end in the midst of others.
_UNSPACED = "\u0e00-\u0eff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_UNSPACED_LETTER = re.compile(f"[{_UNSPACED}]")
# A letter or digit that another word of the same script could go on with.
_OF_A_WORD = rf"[^\W_{_UNSPACED}]"
SHORTEST_ANY_CASE, SHORTEST_UNSPACED = 4, 2

_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_SCALED = re.compile(rf"\d\s*(?:[%‰⁄成折]|(?:k|m|mn|mio|b|bn|pc|pct)(?!{_OF_A_WORD}))")
_COUNTS = (
    "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|"
    "nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|billion|trillion|dozen|"
    "quarter|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|hundredth|thousandth"
)
_OTHER_WORDS = (
    "zero|first|second|half|halves|percent|percentage|twice|thrice|doubled?|doubling|tripled?|tripling|quadrupled?|"
    "twofold|threefold|fourfold|fivefold|tenfold"
)
_NUMBER_WORD = re.compile(
    rf"(?<!{_OF_A_WORD})(?:(?:{_COUNTS})s?|{_OTHER_WORDS}|per cent|number one|no\. one|"
    rf"one (?:in|out of) (?:every|each))(?!{_OF_A_WORD})"
)
_CHINESE_NUMERAL = re.compile(
    "第?[〇零一二两兩三四五六七八九十百千万萬亿億壹贰貳叁參肆伍陆陸柒捌玖拾佰仟廿卅]+[成折倍]?(?:分之)?|[半双雙翻加成数數几幾][倍番]|一?半|过半|過半"
)
# A lone 一 is part of a hundred ordinary words; these are others that say no number.
_NO_NUMBER = re.compile("十分(?!之)|[万萬]分(?!之)|[万萬]一|千[万萬](?=别|別|不)|百科")

_YEAR_AT_END = re.compile(r"\s*\(\d{4}(?:[-–]\d{0,4})?\)\s*$")
_ALSO_CALLED = re.compile(r"\s*\((?:a\.?k\.?a\.?:?\s*)?([^()]*)\)")
_ARTICLES = "a|an|the|le|la|les|l'|il|lo|gli|i|un|une|una|uno|el|los|las|der|die|das|den|det|ein|eine|o|os|as|de|het"
_ARTICLE_AT_END = re.compile(rf"^(.+),\s*({_ARTICLES})$", re.IGNORECASE)
_ARTICLE_AT_START = re.compile(r"^(?:(?:a|an|the|le|la|les|el|los|las|il|der|die|das)\s+|l'\s*)(.+)$", re.IGNORECASE)
_AROUND = " ,.;:!?。"
_QUOTED = re.compile(r"“([^”]+)”|\"([^\"]+)\"|《([^》]+)》|«([^»]+)»|「([^」]+)」|『([^』]+)』")


def names_what_was_not_given(
    text: str, given: Sequence[str], own_names: Iterable[str], names: Iterable[str | None]
) -> bool:
    """Whether ``text`` has a number, a quotation or an item that is not in what was ``given``.

    ``own_names``: items that may be among it. ``names``: what all items are called, of those without a title the ids.
    Names are found at the borders of words, in scripts without spaces anywhere; those of less than four letters, and
    single words that are left of a title without its article, only in the case they have. A single letter of a script
    without spaces, ``a`` and ``i`` are no names.
    """
    said, known = _plain(text), _plain("\n".join(given))
    said_there, known_there = said.casefold(), known.casefold()
    theirs = [name for name in own_names if _pattern(_plain(name)).search(known)]
    own = sorted({form.text for name in theirs for form in forms_of(name)}, key=len, reverse=True)
    own_there = {form.casefold() for form in own}
    if any(quoted not in own_there and quoted not in known_there for quoted in _quotations(said_there)):
        return True
    # What is part of a title that was given may stand there; numbers in such a title are no figures.
    rest = _without(said, own)
    rest_there = rest.casefold()
    if _other_numbers(rest_there, _without(known, own).casefold()):
        return True

    def is_named(form: Form) -> bool:
        if form.stands_in(rest, rest_there):
            return True
        # A longer title may begin or end with one that was given.
        folded = form.text.casefold()
        return (
            folded in said_there
            and folded not in own_there
            and form.stands_in(said, said_there)
            and any(part in folded for part in own_there)
        )

    forms = (form for name in names if name for form in forms_of(name))
    return any(is_named(form) and not form.stands_in(known, known_there) for form in forms)


@dataclass(frozen=True)
class Form:
    """One way to write a name; ``exact``: only in this case, for else it would be an ordinary word."""

    text: str
    exact: bool

    def stands_in(self, text: str, folded: str) -> bool:
        """Whether it stands as a whole in a text, which is given as it is and case-folded."""
        wanted, there = (self.text, text) if self.exact else (self.text.casefold(), folded)
        return wanted in there and _pattern(wanted).search(there) is not None


def forms_of(name: str) -> list[Form]:
    """How a title may be written in a sentence: without its year, its other name apart, its article at either end or
    left out."""
    whole = _YEAR_AT_END.sub("", _plain(name)).strip()
    parts = [whole]
    if "(" in whole:
        parts.append(_ALSO_CALLED.sub("", whole).strip())
        parts += [also for also in _ALSO_CALLED.findall(whole) if len(also) >= SHORTEST_ANY_CASE]
    forms: dict[str, bool] = {}
    for part in parts:
        forms.setdefault(part, _is_short(part))
        if at_end := _ARTICLE_AT_END.match(part):
            rest, article = at_end.groups()
            forms.setdefault(article + rest if article.endswith("'") else f"{article} {rest}", False)
            forms.setdefault(rest, _is_short(rest) or " " not in rest)
        elif at_start := _ARTICLE_AT_START.match(part):
            forms.setdefault(at_start[1], _is_short(at_start[1]) or " " not in at_start[1])
    return [Form(text, exact) for text, exact in forms.items() if _is_name(text)]


def _is_short(text: str) -> bool:
    return len(text) < SHORTEST_ANY_CASE


def _is_name(text: str) -> bool:
    if _UNSPACED_LETTER.search(text):
        return len(text) >= SHORTEST_UNSPACED
    return text not in ("", "a", "A", "i", "I")


def _plain(text: str) -> str:
    """The same letters in one form, without marks that nobody sees, and with one apostrophe."""
    if text.isascii():
        return text
    seen = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    return unicodedata.normalize("NFKC", seen).replace("’", "'")


def _quotations(text: str) -> Iterator[str]:
    for match in _QUOTED.finditer(text):
        yield next(part for part in match.groups() if part).strip(_AROUND)


def _pattern(form: str) -> re.Pattern[str]:
    """Where a name stands as a whole."""
    before = rf"(?<!{_OF_A_WORD})" if re.match(_OF_A_WORD, form) else ""
    after = rf"(?!{_OF_A_WORD})" if re.match(_OF_A_WORD, form[-1]) else ""
    return re.compile(before + re.escape(form) + after)


def _without(text: str, forms: Sequence[str]) -> str:
    for form in forms:
        text = re.sub(_pattern(form).pattern, " ", text, flags=re.IGNORECASE)
    return text


def _other_numbers(text: str, known: str) -> bool:
    """Whether folded ``text`` has a number that folded ``known`` does not have, in whatever way it is written."""
    written = set(_DIGITS.findall(known))
    values = {value for number in written for value in _values(number)}
    if any(not (number in written or _values(number) <= values) for number in _DIGITS.findall(text)):
        return True
    scaled = {"".join(found.split()) for found in _SCALED.findall(known)}
    if any("".join(found.split()) not in scaled for found in _SCALED.findall(text)):
        return True
    if any(_says_number(letter) and letter not in known for letter in text):
        return True
    words = set(_NUMBER_WORD.findall(known))
    if any(word not in words for word in _NUMBER_WORD.findall(text)):
        return True
    text, known = _NO_NUMBER.sub(" ", text), _NO_NUMBER.sub(" ", known)
    numerals = set(_CHINESE_NUMERAL.findall(known))
    return any(found != "一" and found not in numerals for found in _CHINESE_NUMERAL.findall(text))


def _says_number(letter: str) -> bool:
    """Whether a letter is a number of its own that is written neither in digits nor in Chinese."""
    return letter.isnumeric() and not letter.isdecimal() and not _UNSPACED_LETTER.match(letter)


def _values(number: str) -> set[str]:
    """What a number in digits may mean: 1,000 is a thousand, or one to three places, and both have to be true."""
    ways = {number.replace(",", ".")}
    if _GROUPED.fullmatch(number):
        ways.add(re.sub(r"[.,]", "", number))
    return {way.rstrip("0").rstrip(".") if "." in way else way for way in ways}
