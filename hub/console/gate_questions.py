"""The questions that staff ask somebody in the isolation room: a list a hall edits, kept like rules in versions."""

from datetime import datetime
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from hub.console.words import Language
from hub.gate.cases import QUESTION_MOST
from hub.rules.publish import NotPublishable, newest, publish

QUESTIONS: Final = "questions"
MOST: Final = 30
SHIPPED: Final[dict[Language, tuple[str, ...]]] = {
    Language.ZH: (
        "现在有没有发热、咳嗽、乏力等不适？从什么时候开始？",
        "近 14 天是否离开过本市？去过哪里？",
        "近 14 天是否接触过发热或确诊的人？",
        "同住的人里有没有发热的？",
        "进门前是否刚运动、骑车、喝热水或晒太阳？",
        "今天是否服用过退烧药？",
        "是否需要联系家人？怎么回去？",
    ),
    Language.EN: (
        "Any fever, cough or weakness now? Since when?",
        "Away from this city in the last 14 days? Where?",
        "Contact with anybody with fever, or confirmed ill, in the last 14 days?",
        "Does anybody in the household have a fever?",
        "Exercise, cycling, a hot drink or sun just before coming in?",
        "Any medicine against fever today?",
        "Is family to be told? How will you get home?",
    ),
}


class _Asked(msgspec.Struct, frozen=True):
    """The body of an edition."""

    questions: tuple[str, ...]


def questions_of(connection: Connection, hall: str, language: Language) -> tuple[str, ...]:
    """What is asked in a hall: its own list, or the shipped one.

    Args:
        connection: For reading.
        hall: Which.
        language: Of the shipped list; a hall's own is as the hall wrote it.
    """
    edition = newest(connection, QUESTIONS, hall)
    if edition is None:
        return tuple(language.of(zh, en) for zh, en in zip(SHIPPED[Language.ZH], SHIPPED[Language.EN], strict=True))
    return msgspec.json.decode(edition.body, type=_Asked).questions


def put_questions(
    connection: Connection, key: Ed25519PrivateKey, hall: str, lines: str, now: datetime
) -> tuple[str, ...]:
    """Keep a hall's own list.

    Args:
        connection: Inside a writing transaction.
        key: The hub's signing key.
        hall: Existing.
        lines: A question a line; empty lines do not count.
        now: The time.

    Raises:
        NotPublishable: None, more than 30, or one longer than 200 characters.
    """
    questions = tuple(dict.fromkeys(line.strip() for line in lines.splitlines() if line.strip()))
    if not 0 < len(questions) <= MOST:
        raise NotPublishable(f"1 to {MOST} questions, not {len(questions)}")
    if too_long := next((each for each in questions if len(each) > QUESTION_MOST), None):
        raise NotPublishable(f"a question has at most {QUESTION_MOST} characters: {too_long[:30]}…")
    before = newest(connection, QUESTIONS, hall)
    version = 1 if before is None else before.version + 1
    publish(connection, key, QUESTIONS, hall, msgspec.json.encode(_Asked(questions)), version, now)
    return questions
