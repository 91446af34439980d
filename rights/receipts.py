"""A consent as a machine reads it: JSON-LD in the terms of ISO/IEC TS 27560:2023 and the Data Privacy Vocabulary.

Terms: https://w3id.org/dpv (version 2) and its guide to 27560, https://w3id.org/dpv/guides/consent-27560. What this
site does not know (who runs it, under which law) is left out until the deployer has declared it, never made up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from emotion.labels import EXPRESSIONS

_CONTEXT: Final = {
    "dpv": "https://w3id.org/dpv#",
    "dct": "http://purl.org/dc/terms/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "wb": "urn:wellbeing:",
}
_PROFILE: Final = "https://w3id.org/dpv/schema/dpv-27560#receipt-record"
_PROCESS: Final[Mapping[str, Any]] = {
    "@type": "dpv:Process",
    "dct:title": "Snapshots of my face, read by the classifier",
    "dpv:hasPurpose": {
        "@type": "dpv:Purpose",
        "dct:description": "To show the employee alone how their face looked, and private suggestions.",
    },
    "dpv:hasPersonalData": [
        {"@type": "dpv:SensitivePersonalData", "dct:description": "A still of the face, destroyed once read"},
        {
            "@type": ["dpv:SensitivePersonalData", "dpv:InferredPersonalData"],
            "dct:description": f"How likely each expression is: {', '.join(EXPRESSIONS)}",
        },
    ],
    "dpv:hasProcessing": [{"@id": f"dpv:{name}"} for name in ("Collect", "Transmit", "Infer", "Store", "Destruct")],
    "dpv:hasRecipient": {"@type": "dpv:DataSubject", "dct:description": "The employee alone"},
    "dpv:hasStorageCondition": {
        "@type": "dpv:StorageDuration",
        "dct:description": "Pictures: until read, at most 15 minutes. Readings: until the employee erases them, "
        "or their own retention ends.",
    },
    "dpv:hasTechnicalMeasure": {
        "@type": "dpv:Encryption",
        "dct:description": "Readings are sealed to a key only the employee opens",
    },
    "dpv:hasLegalBasis": {"@id": "dpv:ExplicitlyExpressedConsent"},
    "dpv:hasRight": {
        "@type": "dpv:DataSubjectRight",
        "dct:description": "To withdraw at any time, to see, take away, correct and erase everything on this site",
    },
}


@dataclass(frozen=True, slots=True)
class Given:
    """One consent, and the words it was given to; `text` is None when they have been changed since."""

    id: UUID
    person: str
    text_version: str
    text_hash: str
    given_at: datetime
    ended_at: datetime | None
    text: Mapping[str, Any] | None
    site: str
    declaration: Mapping[str, str] | None = None


def write_receipt(given: Given, *, issued_at: datetime) -> dict[str, Any]:
    """The receipt as a JSON-LD document."""
    declared = given.declaration
    return {
        "@context": _CONTEXT,
        "@id": f"urn:uuid:{given.id}",
        "@type": "dpv:ConsentReceipt",
        "dct:conformsTo": {"@id": _PROFILE},
        "dct:identifier": str(given.id),
        "dct:issued": _time(issued_at),
        "dct:publisher": {"@id": given.site},
        "dpv:hasDataSubject": {"@type": "dpv:Employee", "dct:identifier": given.person},
        "dpv:hasDataController": {
            "@type": "dpv:DataController",
            "dpv:hasContact": given.site,
            **({"dct:title": declared["who"]} if declared else {}),
        },
        "dpv:hasNotice": {
            "@type": "dpv:ConsentNotice",
            "dct:hasVersion": given.text_version,
            "dct:language": "en",
            "wb:sha256": given.text_hash,
            **({"dct:description": given.text} if given.text else {}),
        },
        "dpv:hasProcess": {**_PROCESS, **(_tell_declaration(declared) if declared else {})},
        "dpv:hasConsentStatus": _list_statuses(given),
    }


def _tell_declaration(declared: Mapping[str, str]) -> dict[str, Any]:
    return {
        "dpv:hasLegalBasis": {"@type": "dpv:ExplicitlyExpressedConsent", "dct:description": declared["legal_basis"]},
        "dpv:hasJurisdiction": {"dct:title": declared["region"]},
        "dpv:hasImpactAssessment": {"@type": "dpv:DPIA", "dct:identifier": declared["dpia"]},
    }


def _list_statuses(given: Given) -> list[dict[str, Any]]:
    times = (
        ("dpv:ConsentGiven", given.given_at, "A box ticked and a button pressed on this site"),
        ("dpv:ConsentWithdrawn", given.ended_at, "A button pressed, or a new text given"),
    )
    return [
        {
            "@type": status,
            "dct:date": _time(at),
            "dpv:isIndicatedAtTime": _time(at),
            "dpv:isIndicatedBy": {"@type": "dpv:DataSubject", "dct:identifier": given.person},
            "dpv:hasIndicationMethod": method,
        }
        for status, at, method in times
        if at is not None
    ]


def _time(at: datetime) -> dict[str, str]:
    return {"@type": "xsd:dateTime", "@value": at.isoformat()}
