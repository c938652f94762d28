"""Evidence in words: what was seen of a person, for somebody who has to decide."""

from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection

from hub.console.words import WORDS, Language, word
from hub.gate.retention import REMOVED
from hub.rules.publish import RULES
from hub.rules.stages import edition
from kiosk.wire.events import Passage
from kiosk.wire.evidence import (
    Band,
    CertificateChecked,
    Code,
    CodeChecked,
    CodeStatus,
    Colour,
    Evidence,
    Face,
    FaceCompared,
    HealthChecked,
    HealthProof,
    Holder,
    Identity,
    IdentityRead,
    Inside,
    Live,
    LivenessChecked,
    Mask,
    MaskSeen,
    MaskWorn,
    NotMeasured,
    Occupancy,
    TemperatureTaken,
    Warmth,
    Why,
)
from kiosk.wire.rules import Rules

_Seen = Identity | Face | Warmth | Code | Live | Mask | HealthProof | Inside
_EXPECTED = frozenset({Why.NOT_REQUIRED, Why.NOT_REACHED, Why.NOT_INSTALLED})


@dataclass(frozen=True, slots=True)
class Told:
    """One part of the evidence, in words."""

    part: str
    """Key of its word."""
    text: str
    tone: str
    """`good`, `unsure`, `bad`, or `quiet` for what was not asked."""
    device: str
    at: datetime | None


class _Words:
    """Puts evidence into words of a language.

    Args:
        language: Which.
        rules: Those it was decided under; None where they are not known.
    """

    def __init__(self, language: Language, rules: Rules | None) -> None:
        self._language, self._rules = language, rules

    def w(self, key: str) -> str:
        return word(key, self._language)

    def joined(self, *parts: str) -> str:
        return " · ".join(part for part in parts if part)

    def part(self, part: str, seen: _Seen) -> Told:  # noqa: PLR0911  one for each kind of evidence
        match seen:
            case NotMeasured():
                return self.missing(part, seen)
            case IdentityRead():
                return self.identity(seen)
            case FaceCompared():
                return self.face(seen)
            case LivenessChecked():
                return self.liveness(seen)
            case MaskSeen():
                return self.mask(seen)
            case TemperatureTaken():
                return self.temperature(seen)
            case CodeChecked():
                return self.code(seen)
            case Occupancy():
                return self.occupancy(seen)
            case HealthChecked() | CertificateChecked():
                return self.health(seen)

    def missing(self, part: str, seen: NotMeasured) -> Told:
        if seen.code == REMOVED:
            return Told(part, self.w("health_data_removed"), "quiet", "", None)
        tone = "quiet" if seen.why in _EXPECTED else "unsure"
        return Told(
            part,
            self.joined(self.w("not_measured"), self.w(seen.why.value), self.w(seen.code)),
            tone,
            seen.device,
            None,
        )

    def identity(self, seen: IdentityRead) -> Told:
        number = "" if seen.number_is_valid else self.w("number_invalid")
        until = self.w("valid_without_end") if seen.valid_to is None else f"{self.w('valid_until')} {seen.valid_to}"
        tone = "good" if seen.number_is_valid else "bad"
        return Told("identity", self.joined(self.w(seen.document.value), until, number), tone, seen.device, seen.at)

    def face(self, seen: FaceCompared) -> Told:
        tone = {Band.ACCEPT: "good", Band.STAFF: "unsure", Band.REJECT: "bad"}[seen.band]
        frames = self.w("of_pictures").format(number=seen.frames)
        return Told("face", self.joined(self.w(seen.band.value), frames), tone, seen.device, seen.at)

    def liveness(self, seen: LivenessChecked) -> Told:
        text = self.w("alive_yes") if seen.passed else self.w("not_alive")
        return Told("liveness", text, "good" if seen.passed else "bad", seen.device, seen.at)

    def mask(self, seen: MaskSeen) -> Told:
        tone = {MaskWorn.WORN: "good", MaskWorn.UNSURE: "unsure", MaskWorn.BARE: "quiet"}[seen.worn]
        return Told("mask", self.w(seen.worn.value), tone, seen.device, seen.at)

    def temperature(self, seen: TemperatureTaken) -> Told:
        rules, limit, tone = self._rules, "", "good"
        if rules is not None:
            if seen.counts_c >= rules.temperature_high_c:
                limit, tone = self.w("at_or_above_high").format(limit=rules.temperature_high_c), "bad"
            elif seen.counts_c >= rules.temperature_unsure_c:
                limit, tone = (
                    self.w("between_limits").format(unsure=rules.temperature_unsure_c, limit=rules.temperature_high_c),
                    "unsure",
                )
            else:
                limit = self.w("below_unsure").format(limit=rules.temperature_unsure_c)
        details = self.w("temperature_details").format(
            ambient=f"{seen.ambient_c:.1f}", readings=seen.readings, spread=f"{seen.spread_c:.1f}"
        )
        raw = ""
        if seen.correction:
            raw = self.w("temperature_raw").format(raw=f"{seen.object_c:.1f}", correction=seen.correction)
        text = self.joined(f"{seen.counts_c:.1f} °C", limit, raw, details)
        return Told("temperature", text, tone, seen.device, seen.at)

    def code(self, seen: CodeChecked) -> Told:
        tone = "good" if seen.status is CodeStatus.VALID else "bad"
        found = self.w("found_in_list") if seen.listed else ""
        party = self.w("with_companions").format(number=seen.companions) if seen.companions else ""
        kind = self.w("visitor_code") if seen.visitor else ""
        text = self.joined(self.w(seen.status.value), seen.code_id, kind, found, party)
        return Told("code", text, tone, seen.device, seen.at)

    def health(self, seen: HealthChecked | CertificateChecked) -> Told:
        holder = "" if seen.holder is Holder.SAME else self.w("holder_" + seen.holder.value)
        if isinstance(seen, HealthChecked):
            tone = {Colour.GREEN: "good", Colour.RED: "bad"}.get(seen.colour, "unsure")
            shown = self.w("shown_by_family") if seen.shown_by else ""
            text = self.joined(self.w("health_" + seen.colour.value), seen.service, holder, shown)
            return Told("health", text, tone, seen.device, seen.at)
        tone = "good" if seen.answer == "valid" and seen.holder is Holder.SAME else "unsure"
        return Told("health", self.joined(self.w(seen.scheme), self.answer(seen), holder), tone, seen.device, seen.at)

    def answer(self, seen: CertificateChecked) -> str:
        """What the verifier said; of a newer terminal's answers that have no word yet, the value."""
        key = f"answer_{seen.answer}"
        return self.w(key) if key in WORDS else seen.answer

    def occupancy(self, seen: Occupancy) -> Told:
        return Told("occupancy", self.w("heads_inside").format(number=seen.inside), "quiet", "", seen.at)


def told(evidence: Evidence, rules: Rules | None, language: Language) -> list[Told]:
    """All parts of the evidence, in words, those that speak against the person first.

    Args:
        evidence: What was seen.
        rules: Those it was decided under, for the limits; None where they are not known.
        language: Of the words.
    """
    words = _Words(language, rules)
    parts = [
        words.part("temperature", evidence.temperature),
        words.part("health", evidence.health),
        words.part("identity", evidence.identity),
        words.part("face", evidence.face),
        words.part("liveness", evidence.liveness),
        words.part("mask", evidence.mask),
        words.part("code", evidence.code),
        words.part("occupancy", evidence.occupancy),
    ]
    order = {"bad": 0, "unsure": 1, "good": 2, "quiet": 3}
    return sorted(parts, key=lambda each: order[each.tone])


def told_of(connection: Connection, hall: str, passage: Passage, language: Language) -> list[Told]:
    """All parts of a passage's evidence, in words, by the limits of the rules it was decided under.

    Args:
        connection: For reading.
        hall: Whose passage.
        passage: As it is stored.
        language: Of the words.
    """
    signed = edition(connection, RULES, hall, passage.decision.rules_version)
    rules = None if signed is None else msgspec.json.decode(signed.body, type=Rules)
    return told(passage.evidence, rules, language)
