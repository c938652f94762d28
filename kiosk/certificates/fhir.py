"""The FHIR bundle in a SMART Health Card, read as far as a hall needs it (FHIR R4; Vaccination & Testing guide 1.0).

Only whose card it is, which vaccinations and tests. Other resources are passed over, but not faults in their frame.
"""

import re
from datetime import date
from typing import Final

from kiosk.certificates.answers import CertificateAnswer as Answer
from kiosk.certificates.answers import Holder, Reason, Refused, Statement, StatementKind, TestResult
from kiosk.certificates.bounded import Json

MAX_ENTRIES: Final = 200
CVX: Final = "http://hl7.org/fhir/sid/cvx"
COVID_VACCINES: Final = frozenset(
    {207, 208, 210, 211, 212, 213, *range(217, 220), 221, *range(225, 231), *range(300, 303), *range(308, 314),
     *range(500, 522)}
)  # fmt: skip
"""CVX codes of vaccines against SARS-CoV-2, as far as issued by 2024."""
_SNOMED = "http://snomed.info/sct"
_RESULTS = {
    "260373001": TestResult.DETECTED,
    "10828004": TestResult.DETECTED,
    "260415000": TestResult.NOT_DETECTED,
    "260385009": TestResult.NOT_DETECTED,
}
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:T[0-9:.]{5,18}(?:Z|[+-][0-9]{2}:[0-9]{2}))?)?)?")
_FINAL = {"final", "amended", "corrected"}

Object = dict[str, Json]


def read(bundle: Json) -> tuple[Holder, tuple[Statement, ...]]:
    """Check and read a bundle.

    Args:
        bundle: the `fhirBundle` of the credential's subject.

    Returns:
        The person, and what is stated of them; nothing where the card holds no vaccination and no test.

    Raises:
        Refused: MALFORMED with SCHEMA, or WRONG_TYPE.
    """
    whole = _object(bundle, "bundle")
    entries = whole.get("entry")
    if whole.get("resourceType") != "Bundle":
        raise _bad("no bundle")
    if whole.get("type") != "collection":
        raise Refused(Answer.WRONG_TYPE, Reason.TYPE_UNKNOWN, "another kind of bundle, e.g. a patient summary")
    if not isinstance(entries, list) or not 1 <= len(entries) <= MAX_ENTRIES:
        raise _bad("entry")
    if _hollow(whole):
        raise _bad("an empty value")
    resources = _resources(entries)
    patients = [address for address, one in resources.items() if one.get("resourceType") == "Patient"]
    if len(patients) != 1:
        raise _bad("one person")
    statements: list[Statement] = []
    for one in resources.values():
        if one.get("resourceType") == "Immunization":
            _refers(one.get("patient"), patients[0])
            statements.append(_vaccination(one))
        elif one.get("resourceType") == "Observation":
            _refers(one.get("subject"), patients[0])
            statements.append(_test(one))
    return _holder(resources[patients[0]]), tuple(statements)


def _resources(entries: list[Json]) -> dict[str, Object]:
    """The resources by their address."""
    resources: dict[str, Object] = {}
    for item in entries:
        entry = _object(item, "entry")
        resources[_text(entry.get("fullUrl"), "fullUrl")] = _checked(_object(entry.get("resource"), "resource"))
    if len(resources) != len(entries):
        raise _bad("an address stands twice")
    return resources


def about_covid(statements: tuple[Statement, ...]) -> bool:
    """Whether a vaccination is against COVID-19. Tests are not judged: their codes are too many."""
    return any(one.product.isdigit() and int(one.product) in COVID_VACCINES for one in statements)


def _checked(resource: Object) -> Object:
    """Metadata is used for the identity assurance level and for nothing else (data minimisation)."""
    _text(resource.get("resourceType"), "resourceType")
    if "meta" in resource:
        meta = _object(resource["meta"], "meta")
        security = meta.get("security")
        if set(meta) != {"security"} or not isinstance(security, list):
            raise _bad("meta")
        for label in security:
            _text(_object(label, "meta.security").get("code"), "meta.security.code")
    return resource


def _hollow(value: Json) -> bool:
    """FHIR has no empty text, list or object."""
    if isinstance(value, dict | list | str) and not value:
        return True
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_hollow(one) for one in inner)


def _holder(patient: Object) -> Holder:
    names = patient.get("name")
    if not isinstance(names, list) or not names:
        raise _bad("name")
    name = _object(names[0], "name")
    given = name.get("given", [])
    if not isinstance(given, list):
        raise _bad("name.given")
    parts = [_text(name["family"], "name.family")] if "family" in name else []
    parts += [_text(one, "name.given") for one in given]
    if not parts:
        parts = [_text(name.get("text"), "name")]
    born = _text(patient.get("birthDate"), "birthDate")
    if not _DATE.fullmatch(born) or "T" in born:
        raise _bad("birthDate")
    _day(born, "birthDate")
    return Holder(" ".join(parts), born)


def _vaccination(resource: Object) -> Statement:
    status = _text(resource.get("status"), "status")
    if status != "completed":
        raise Refused(Answer.WRONG_TYPE, Reason.NOT_COMPLETED, "a vaccination that was not completed")
    if "occurrenceString" in resource:
        raise _bad("occurrence in words")
    code = _coded(resource.get("vaccineCode"), CVX, "vaccineCode")
    text = _text(resource.get("occurrenceDateTime"), "occurrenceDateTime")
    return Statement(StatementKind.VACCINATION, _day(text, "occurrenceDateTime"), text, product=code)


def _test(resource: Object) -> Statement:
    if _text(resource.get("status"), "status") not in _FINAL:
        raise Refused(Answer.WRONG_TYPE, Reason.NOT_COMPLETED, "a test without a final result")
    code = _coded(resource.get("code"), "http://loinc.org", "code")
    text = _text(resource.get("effectiveDateTime"), "effectiveDateTime")
    result = TestResult.UNKNOWN
    if "valueCodeableConcept" in resource:
        result = _RESULTS.get(_coded(resource["valueCodeableConcept"], _SNOMED, "value"), TestResult.UNKNOWN)
    return Statement(StatementKind.TEST, _day(text, "effectiveDateTime"), text, product=code, result=result)


# Fields -------------------------------------------------------------------------------------------------------------


def _bad(field: str) -> Refused:
    return Refused(Answer.MALFORMED, Reason.SCHEMA, field)


def _object(value: Json, field: str) -> Object:
    if not isinstance(value, dict):
        raise _bad(field)
    return value


def _text(value: Json, field: str) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= 512:
        raise _bad(field)
    return value


def _coded(value: Json, preferred: str, field: str) -> str:
    """The code in a preferred system, else the first one."""
    codings = _object(value, field).get("coding")
    if not isinstance(codings, list) or not codings:
        raise _bad(f"{field}: no code")
    codes = [
        (_text(one.get("system"), field) if "system" in one else "", _text(one.get("code"), field))
        for one in (_object(coding, field) for coding in codings)
    ]
    return next((code for system, code in codes if system == preferred), codes[0][1])


def _refers(value: Json, address: str) -> None:
    if _text(_object(value, "reference").get("reference"), "reference") != address:
        raise _bad("a reference to nobody in the card")


def _day(text: str, field: str) -> date | None:
    """The date; None where only a year or month is given."""
    found = _DATE.fullmatch(text)
    if not found:
        raise _bad(field)
    year, month, day = (int(group) if group else None for group in found.groups())
    try:
        whole = date(year or 0, month or 1, day or 1)
    except ValueError as error:
        raise _bad(field) from error
    return whole if day else None
