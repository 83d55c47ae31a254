"""What a sentence must not name: numbers in any way of writing, and items by any form of their titles."""

from __future__ import annotations

import pytest

from recsys_tui.recommend.explanations.invented import forms_of, names_what_was_not_given

GIVEN = ["Alien (1979)", "2", "It stands at 2 mainly because of Seven Samurai (1954) (rated 5).", "0.412", "4.5"]
OWN = ["Alien (1979)", "Seven Samurai (1954)"]
NAMES = [*OWN, "Empire Strikes Back, The (1980)", "Others, The (2001)", "Up (2009)", "It (1990)", "Heat (1995)",
         "M (1931)", "Avventura, L' (1960)", "City of Lost Children, The (Cité des enfants perdus, La) (1995)",
         "Matrix (1999)", "The Piano (1993)", "英雄", "活着", "花", "Boot, Das (1981)", "sku-red", None]  # fmt: skip


def invents(text: str, given: list[str] = GIVEN, own: list[str] = OWN, names: list[str | None] = NAMES) -> bool:
    return names_what_was_not_given(text, given, own, names)


@pytest.mark.parametrize(
    "text",
    [
        "It stands at 2, mainly because of Seven Samurai.",
        "Alien is there because you rated SEVEN SAMURAI (1954) with 5.",
        "This one is for you: Alien, one of those that follow “Seven Samurai,” which adds 0.412.",
        "It picks up where you left, in the theatre, as others do, on the way up: Alien.",
        "推荐 Alien,主要是因为您喜欢 Seven Samurai,这是一部您一定会十分喜欢的电影,排在 2 位。",
        "因为Seven Samurai,所以推荐Alien,千万别错过,就像一朵花。",
        "You gave 4.50, which is 4.5, at 2.0.",
    ],
)
def test_what_was_given_may_be_said(text: str):
    assert not invents(text)


@pytest.mark.parametrize(
    "text",
    [
        "Loved by nine out of ten people.",
        "Ninety-nine people took Alien.",
        "Half of all people took it.",
        "Seven people took Alien.",
        "It is your first choice.",
        "A dozen people took it.",
        "It is number one.",
        "2,000 people took Alien.",
        "2k people took it.",
        "2 % of people took it.",
        "³ people",
        "½ of the people",
        "Seen by ፱ people.",
        "1,954 people took it.",
        "٢٣ people took it.",
        "n\u00adi\u00adne people took it.",
        "九成的人喜欢它。",
        "十分之九的人喜欢它。",
        "百分之九十的人喜欢它。",
        "有两万人看过。",
        "一半的人看过。",
        "2成的人看过。",
        "它排第一。",
        "双倍的喜欢。",
    ],
)
def test_numbers_that_were_not_given_are_found(text: str):
    assert invents(text)


@pytest.mark.parametrize(
    "text",
    [
        "Like The Empire Strikes Back, it is Alien.",
        "like the empire strikes back",
        "like Empire Strikes Back",
        "You took The Others.",
        "You took Others.",
        "People who took Up took it.",
        "You took M.",
        "You took Heat's brother.",
        "You took L'Avventura.",
        "You took L’Avventura.",
        "You took Das Boot.",
        "You took La Cité des enfants perdus.",
        "You took the city of lost children.",
        "You took The Matrix.",
        "You took Piano.",
        "因为您看过英雄。",
        "喜欢《活着》的人",
        "because of sku-red",
        "like «Nosferatu»",
    ],
)
def test_items_that_were_not_given_are_found(text: str):
    assert invents(text)
    assert not invents("You took Alien."), "the item alone is what is refused"


def test_numbers_of_titles_are_no_figures():
    given, own = ["Alien", "1", "Because of 300 (2006) and Nine (2009)."], ["Alien", "300 (2006)", "Nine (2009)"]
    assert not invents("Alien is there because of 300 and Nine.", given, own, own)
    assert invents("300,000 people took Alien.", given, own, own)
    assert not invents("Because of 300 (2006).", given, own, own)


def test_a_longer_title_around_one_that_was_given_is_found():
    names = [*OWN, "Mutant Alien (2001)", "Seven (1995)", "Samurai (1967)", "Alien Nation (1988)"]
    assert invents("It goes with Mutant Alien.", names=names)
    assert invents("It goes with Alien Nation.", names=names)
    assert not invents("It goes with Seven Samurai.", names=names), "other titles are parts of one that was given"


def test_ids_stand_for_items_without_titles():
    given, own = ["b17", "1", "It stands at 1 mainly because of a9."], ["b17", "a9", "c3"]
    names = ["b17", "a9", "c3", "blue-hat", "7"]
    assert not invents("b17 stands at 1 because of a9.", given, own, names)
    assert invents("b17 stands at 1 because of c3.", given, own, names)
    assert invents("b17 goes with blue-hat.", given, own, names)
    assert invents("b17 goes with 7.", given, own, names)
    assert not invents("b17 goes with blue-hats.", given, own, names)


def test_an_article_goes_to_either_end():
    assert {form.text for form in forms_of("Empire Strikes Back, The (1980)")} == {
        "Empire Strikes Back, The", "The Empire Strikes Back", "Empire Strikes Back",
    }  # fmt: skip
    assert {form.text for form in forms_of("L'Avventura")} == {"L'Avventura", "Avventura"}
    assert not forms_of("花")
