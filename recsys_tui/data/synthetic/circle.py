"""The bundled set ``circle``: an invented social network of follows and likes, and a planted truth to be found.

Made as ``films`` is: every machine writes the same bytes. What is planted: eight overlapping communities (a person's
main one holds at most 60 % of their events), small circles of friends across communities who share a taste of their
own and follow and like what friends did shortly before, people who follow back, popularity and activity skew, interests
that drift, and creators whom nobody follows yet. Creators and people share one space of handles.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from recsys_tui.data.synthetic.circle_words import COMMUNITIES, FIRST_NAMES, MANNERS, PLACES
from recsys_tui.data.synthetic.dice import Dice, Shelf, write_csv, write_truth

SEED = 20262
PEOPLE, CREATORS, CREATING_PEOPLE, COLD_CREATORS = 1_600, 700, 520, 25
CIRCLE_SIZE, CIRCLE_CREATORS = 16, 9
FIRST_SECOND, DAYS, DAY = 1_704_067_200, 366, 86_400  # 2024-01-01, UTC
HALF_TIME, END = FIRST_SECOND + DAYS * DAY // 2, FIRST_SECOND + DAYS * DAY - 1
MOST_OF_MAIN = 0.6
# Cumulative chances of what a follow is drawn from: main community, second, the circle's own taste, anyone.
SOURCES = (0.56, 0.72, 0.90, 1.0)
# How many a person follows: (share of people, fewest, most).
ACTIVITY = ((0.50, 5, 9), (0.33, 10, 19), (0.13, 20, 38), (0.04, 39, 70))
FRIEND_FOLLOWS, FRIEND_LIKES, FOLLOWS_BACK, UNFOLLOWS, DRIFTS = 0.045, 0.30, 0.35, 0.04, 0.35
MOST_LIKES = 2  # of one creator, unless friends like them too
FOLLOW, LIKE, UNFOLLOW = "follow", "like", "unfollow"


@dataclass
class Member:
    """Somebody with a handle. ``creator``: place among the creators, or -1."""

    place: int
    handle: str
    main: int
    second: int
    later_second: int
    creator: int = -1
    friends: list[int] = field(default_factory=list)
    followed: dict[int, int] = field(default_factory=dict)
    liked: list[tuple[int, int]] = field(default_factory=list)
    events: list[tuple[int, int, str]] = field(default_factory=list)


@dataclass
class Creator:
    """Somebody to follow. ``member``: place among the people, or -1 for one who follows nobody."""

    place: int
    handle: str
    name: str
    community: int
    topics: list[str]
    bio: str
    member: int
    cold: bool = False


def make_members(dice: Dice) -> list[Member]:
    """All people, with circles of friends that cut across communities."""
    members = []
    for place in range(PEOPLE):
        communities = list(range(len(COMMUNITIES)))
        main = communities.pop(place % len(communities))
        second, later = communities.pop(dice.number(0, 6)), communities.pop(dice.number(0, 5))
        handle = f"{dice.pick(FIRST_NAMES)}{place + 101}"
        members.append(Member(place, handle, main, second, later if dice.chance(DRIFTS) else second))
    # Neighbours by a step that is prime to the number of communities are of different ones.
    for place, member in enumerate(members):
        circle = place // CIRCLE_SIZE * CIRCLE_SIZE
        for other in range(circle, min(circle + CIRCLE_SIZE, PEOPLE)):
            if other > place and dice.chance(0.4):
                member.friends.append(other)
                members[other].friends.append(place)
        if dice.chance(0.5):
            stranger = dice.number(0, PEOPLE - 1)
            if stranger != place and stranger not in member.friends:
                member.friends.append(stranger)
                members[stranger].friends.append(place)
    return members


def make_creators(dice: Dice, members: list[Member]) -> list[Creator]:
    """All creators; most of them are people of the network too."""
    creators = []
    step = PEOPLE // CREATING_PEOPLE
    for place in range(CREATORS):
        member = place * step if place < CREATING_PEOPLE else -1
        community = members[member].main if member >= 0 else place % len(COMMUNITIES)
        stock = COMMUNITIES[community]
        first = members[member].handle.rstrip("0123456789") if member >= 0 else dice.pick(FIRST_NAMES)
        handle = members[member].handle if member >= 0 else f"{first}.{stock.name}{place}"
        topics = [topic for topic in stock.topics if dice.chance(0.6)] or [stock.topics[0]]
        bio = f"{first.capitalize()} {dice.pick(stock.deeds)} {dice.pick(MANNERS)} in {dice.pick(PLACES)}."
        creators.append(Creator(place, handle, f"{first.capitalize()} of {stock.name}", community, topics, bio, member))
        if member >= 0:
            members[member].creator = place
    for _ in range(COLD_CREATORS):
        creators[dice.number(CREATING_PEOPLE, CREATORS - 1)].cold = True
    return creators


def live(dice: Dice, members: list[Member], creators: list[Creator]) -> None:
    """A year of follows, likes and what they bring about."""
    warm = [creator for creator in creators if not creator.cold]
    # Shuffled by a fixed step, so that no popular creator is so by their number.
    order = sorted(warm, key=lambda creator: creator.place * 257 % 701)
    shelves = [Shelf([c.place for c in order if c.community == k], steepness=4) for k in range(len(COMMUNITIES))]
    anyone = Shelf([creator.place for creator in order], steepness=25)
    own = [
        Shelf([order[dice.number(0, len(order) - 1)].place for _ in range(CIRCLE_CREATORS)], steepness=12)
        for _ in range(PEOPLE // CIRCLE_SIZE + 1)
    ]
    planned: list[tuple[int, int, int]] = []
    for member in members:
        for _ in range(dice.within(ACTIVITY)):
            second = FIRST_SECOND + dice.number(0, DAYS * DAY - 120)
            planned.append((second, member.place, _draw(dice, member, second, shelves, own, anyone)))
    planned.sort()
    while planned:
        following: list[tuple[int, int, int]] = []
        for second, who, whom in planned:
            following += _follow(dice, members, creators, who, whom, second)
        planned = sorted(event for event in following if event[0] < END - 60)
    for member in members:
        _look_elsewhere(dice, member, creators, shelves)
        _like(dice, member)
    _like_with_friends(dice, members)
    for member in members:
        _part(dice, member)
        _like_elsewhere(dice, member, creators)


def _draw(dice: Dice, member: Member, second: int, shelves: list[Shelf], own: list[Shelf], anyone: Shelf) -> int:
    drawn = dice.number(0, 9_999) / 10_000
    if drawn < SOURCES[0]:
        return shelves[member.main].draw(dice)
    if drawn < SOURCES[1]:
        return shelves[member.later_second if second > HALF_TIME else member.second].draw(dice)
    return own[member.place // CIRCLE_SIZE].draw(dice) if drawn < SOURCES[2] else anyone.draw(dice)


def _follow(
    dice: Dice, members: list[Member], creators: list[Creator], who: int, whom: int, second: int
) -> list[tuple[int, int, int]]:
    """One follow, if it is new and nobody's own; returns what it brings about: friends' follows, following back."""
    member, creator = members[who], creators[whom]
    if creator.member == who or whom in member.followed:
        return []
    member.followed[whom] = second
    brought = [
        (second + dice.number(DAY // 2, 6 * DAY), friend, whom)
        for friend in member.friends
        if dice.chance(FRIEND_FOLLOWS)
    ]
    if creator.member >= 0 and member.creator >= 0 and dice.chance(FOLLOWS_BACK):
        brought.append((second + dice.number(3_600, 4 * DAY), creator.member, member.creator))
    return brought


def _look_elsewhere(dice: Dice, member: Member, creators: list[Creator], shelves: list[Shelf]) -> None:
    """Let somebody follow others while too many of those they follow are of their main community."""
    while True:
        of_main = sum(creators[whom].community == member.main for whom in member.followed)
        if of_main <= (MOST_OF_MAIN - 0.08) * len(member.followed):
            return
        second = FIRST_SECOND + dice.number(0, DAYS * DAY - 120)
        of_second = member.later_second if second > HALF_TIME else member.second
        whom = shelves[dice.pick((of_second, of_second, dice.number(0, len(shelves) - 1)))].draw(dice)
        if whom not in member.followed and creators[whom].member != member.place:
            member.followed[whom] = second


def _like(dice: Dice, member: Member) -> None:
    """Likes of those one follows, over the weeks after."""
    for whom, second in member.followed.items():
        for _ in range(max(0, dice.number(-1, MOST_LIKES))):
            moment = second + dice.number(600, 40 * DAY)
            if moment < END:
                member.liked.append((moment, whom))


def _like_with_friends(dice: Dice, members: list[Member]) -> None:
    """Likes that a friend's like brings about within two days, where both follow the creator."""
    brought = [
        (friend, moment + dice.number(600, 2 * DAY), whom)
        for member in members
        for moment, whom in member.liked
        for friend in member.friends
        if members[friend].followed.get(whom, END) <= moment and dice.chance(FRIEND_LIKES)
    ]
    for friend, moment, whom in brought:
        if moment < END:
            members[friend].liked.append((moment, whom))


def _part(dice: Dice, member: Member) -> None:
    """Make events of follows and likes; a few of those followed, a third at most, are followed no more in the end."""
    last = dict(member.followed)
    for moment, whom in member.liked:
        last[whom] = max(last[whom], moment)
    member.events = [(second, whom, FOLLOW) for whom, second in member.followed.items()]
    member.events += [(moment, whom, LIKE) for moment, whom in member.liked]
    left = 0
    for whom, second in last.items():
        moment = second + dice.number(DAY, 30 * DAY)
        if dice.chance(UNFOLLOWS) and moment < END and 3 * left < len(last) - 3:
            member.events.append((moment, whom, UNFOLLOW))
            left += 1


def _like_elsewhere(dice: Dice, member: Member, creators: list[Creator]) -> None:
    """More likes of others while the main community holds too much of what somebody did."""
    gone = {whom for _, whom, action in member.events if action == UNFOLLOW}
    others = [w for w in member.followed if creators[w].community != member.main and w not in gone]
    of_main = sum(creators[whom].community == member.main for _, whom, _ in member.events)
    while of_main > MOST_OF_MAIN * len(member.events):
        whom = dice.pick(others)
        member.events.append((dice.number(member.followed[whom] + 60, END), whom, LIKE))


def write_circle(folder: Path, seed: int = SEED) -> None:
    """Write ``activity.csv``, ``creators.csv``, ``friends.csv`` and ``truth.json`` into ``folder``."""
    dice = Dice(seed)
    members = make_members(dice)
    creators = make_creators(dice, members)
    live(dice, members, creators)
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(
        folder / "activity.csv",
        ("user_id", "creator_id", "action", "time"),
        [
            (member.handle, creators[whom].handle, action, _written(second))
            for member in members
            for second, whom, action in sorted(member.events, key=lambda event: event[0])
        ],
    )
    write_csv(
        folder / "creators.csv",
        ("creator_id", "name", "topics", "bio"),
        [(creator.handle, creator.name, "|".join(creator.topics), creator.bio) for creator in creators],
    )
    pairs = sorted({(min(m.place, f), max(m.place, f)) for m in members for f in m.friends})
    rows = [(members[left].handle, members[right].handle) for left, right in pairs]
    write_csv(folder / "friends.csv", ("user_id", "friend_id"), rows)
    write_truth(
        folder / "truth.json",
        {
            "seed": seed,
            "communities": [community.name for community in COMMUNITIES],
            "people": {m.handle: [m.main, m.second, m.later_second, m.place // CIRCLE_SIZE] for m in members},
            "creators": {creator.handle: creator.community for creator in creators},
            "cold": [creator.handle for creator in creators if creator.cold],
        },
    )


def _written(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M")
