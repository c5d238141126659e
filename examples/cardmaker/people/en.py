"""American, British and Australian cards."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from examples.cardmaker.identity import (
    Identity,
    NumberKind,
    domain,
    mailbox,
    names,
    numbers,
    website,
)

GIVEN = names(
    "Alice Amelia Anna Audrey Ben Beatrice Caleb Carmen Clara Colin Daniel Daphne Desmond Edith"
    " Elliot Emma Felix Fiona Gareth Georgia Hannah Harriet Hugo Imogen Isaac Ivy Jasper Joan"
    " Jonah Judith Kieran Laura Leonard Lydia Marcus Martha Miles Miriam Nadia Nathan Nora"
    " Oliver Owen Paula Percy Priya Quentin Rachel Rohan Rosalind Rupert Samuel Sasha Simon"
    " Sylvia Theo Una Victor Wendy Yusuf Zara Mary-Jane Jean-Paul"
)
FAMILY = names(
    "Abernathy Ashdown Barlow Bellweather Brockhurst Calloway Carver Chatterjee Cobb Dalrymple"
    " Danvers Ellery Farnsworth Fenwick Gallagher Garland Greaves Hargrove Hathaway Holloway"
    " Ingleby Jessop Kellerman Kirkbride Lacey Langford Marlowe McAllister Merriweather Nakamura"
    " Norcott O'Dell Okafor Osgood Pemberton Penhaligon Quimby Radcliffe Ravenscroft Redfern"
    " Sandoval Silverton Stroud Tanaka Thackeray Underhill Vance Wainwright Whitlock Winthrop"
    " Yardley Zeller"
)
BRAND_FIRST = names(
    "Hollow Bright Stone Quill Silver Amber North Salt Fern Wren Iron Maple Otter Copper Harbor"
    " Lantern Thistle Birch Slate Cinder Meadow Falcon"
)
BRAND_SECOND = names(
    "brook well field mark works gate ridge forge path loom harbour crest bridge leaf point way"
)
TRADES = names(
    "Consulting Engineering Analytics Logistics Architects Foods Dental_Care Robotics Capital"
    " Legal Interiors Printing Software Landscapes Instruments Energy Research Media Bicycles"
    " Coffee Property Textiles Veterinary_Clinic Insurance Optics"
)
TITLES = names(
    "Managing_Director Chief_Executive_Officer Founder_&_CEO Vice_President,_Sales"
    " Account_Manager Senior_Software_Engineer Project_Manager Marketing_Director Architect"
    " Civil_Engineer Head_of_Operations Product_Designer Sales_Representative"
    " Chief_Financial_Officer Research_Scientist Human_Resources_Manager Customer_Success_Lead"
    " Partner Attorney_at_Law Regional_Manager Data_Scientist Technical_Director Editor Dentist"
    " Consultant"
)
DEPARTMENTS = names(
    "Department_of_Engineering Corporate_Development Business_Solutions_Group Field_Operations"
    " Research_Division Client_Services"
)
STREETS = names(
    "Lantern_Hill Copperfield Old_Mill Juniper Saltmarsh Wrenfield Marigold Foundry Heron"
    " Candlemaker Orchard_View Bramble Northgate Fiddler's Observatory Tinker's"
)
US_WAYS = names("Road Street Avenue Blvd. Lane Drive")
GB_WAYS = names("Road Street Lane Place")
AU_WAYS = names("Road Street Parade")
DEGREES = names("PhD MBA P.E. CPA")
SLOGANS = [
    "Built to last.",
    "Clear answers, on time",
    "Since 1987",
    "Quietly precise",
    "ISO 9001:2015",
    "",
]


@dataclass(frozen=True, slots=True)
class Country:
    """What differs between English-speaking countries; numbers come from reserved ranges."""

    region: str
    forms: list[str]
    suffix: str
    patterns: dict[NumberKind, list[str]]
    address: Callable[[Random], tuple[str, ...]]


def identity(rng: Random) -> Identity:
    """Invent a person at an American, British or Australian company."""
    country = rng.choice(COUNTRIES)
    given, family = rng.choice(GIVEN), rng.choice(FAMILY)
    brand, trade = rng.choice(BRAND_FIRST) + rng.choice(BRAND_SECOND), rng.choice(TRADES)
    host = domain(
        rng, rng.choice([brand.lower(), brand.lower() + trade.split()[0].lower()]), country.suffix
    )
    company = f"{brand} {trade} {rng.choice(country.forms)}".strip()
    return Identity(
        language="en",
        region=country.region,
        name=_name(rng, given, family),
        title=rng.choice(TITLES),
        department=rng.choice([*DEPARTMENTS, *[""] * 10]),
        company=rng.choice([company, company, company.upper()]),
        brand=rng.choice([brand, brand.upper(), brand.lower()]),
        numbers=numbers(rng, country.region, country.patterns),
        email=f"{mailbox(rng, given, family)}@{host}",
        website=website(rng, host),
        address=country.address(rng),
        slogan=rng.choice(SLOGANS),
    )


def _name(rng: Random, given: str, family: str) -> str:
    initial = rng.choice("ABCDEFGHJKLMNPRSTW")
    plain = f"{given} {family}"
    forms = [plain, plain, plain, plain.upper(), f"{given} {initial}. {family}"]
    return rng.choice([*forms, f"Dr. {plain}", f"{plain}, {rng.choice(DEGREES)}"])


def _us_address(rng: Random) -> tuple[str, ...]:
    city, state, postcode = rng.choice(US_CITIES)
    suite = rng.choice(["", "", f"Suite {rng.randint(100, 990)}", f"Floor {rng.randint(2, 30)}"])
    street = f"{rng.randint(10, 9899)} {rng.choice(STREETS)} {rng.choice(US_WAYS)}"
    return tuple(
        part
        for part in (f"{street},", f"{suite}," if suite else "", f"{city}, {state} {postcode}")
        if part
    )


def _gb_address(rng: Random) -> tuple[str, ...]:
    city, postcode = rng.choice(GB_CITIES)
    house = rng.choice(["", f"{rng.choice(FAMILY)} House,", f"Unit {rng.randint(1, 40)},"])
    street = f"{rng.randint(1, 240)} {rng.choice(STREETS)} {rng.choice(GB_WAYS)},"
    return tuple(
        part for part in (house, street, f"{city} {postcode}", rng.choice(["", "UK"])) if part
    )


def _au_address(rng: Random) -> tuple[str, ...]:
    suburb, state, postcode = rng.choice(AU_SUBURBS)
    level = rng.choice(["", f"Level {rng.randint(1, 30)},"])
    street = f"{rng.randint(1, 420)} {rng.choice(STREETS)} {rng.choice(AU_WAYS)},"
    return tuple(
        part for part in (level, street, f"{suburb} {state} {postcode}", "Australia") if part
    )


US_CITIES = [
    ("Portland", "OR", "97205"),
    ("Boulder", "CO", "80302"),
    ("Madison", "WI", "53703"),
    ("Austin", "TX", "78701"),
    ("Burlington", "VT", "05401"),
    ("San Mateo", "California", "94401"),
    ("Savannah", "GA", "31401"),
    ("New York", "NY", "10013"),
]
GB_CITIES = [
    ("London", "EC1V 9ZZ"),
    ("Bristol", "BS1 9ZX"),
    ("Leeds", "LS2 8ZY"),
    ("Edinburgh", "EH3 9ZZ"),
    ("Manchester", "M4 9ZX"),
    ("Cardiff", "CF10 9ZZ"),
]
AU_SUBURBS = [
    ("Fitzroy", "VIC", "3065"),
    ("Newtown", "NSW", "2042"),
    ("Fortitude Valley", "QLD", "4006"),
]
COUNTRIES = [
    Country(
        "US",
        names("LLC Inc. Corp. Group"),
        "com",
        {
            "phone": [
                "(503) 555-01##",
                "503-555-01##",
                "303.555.01##",
                "+1 608 555 01##",
                "1-212-555-01##",
            ],
            "mobile": ["(415) 555-01##", "415.555.01##", "+1 (917) 555-01##"],
            "fax": ["(503) 555-01##", "303.555.01##", "608-555-01##"],
        },
        _us_address,
    ),
    Country(
        "GB",
        names("Ltd Limited PLC LLP &_Sons_Ltd"),
        "co.uk",
        {
            "phone": [
                "020 7946 0###",
                "+44 (0)20 7946 0###",
                "0161 496 0###",
                "+44 113 496 0###",
                "(0121) 496 0###",
            ],
            "fax": ["020 7946 0###", "+44 161 496 0###"],
        },
        _gb_address,
    ),
    Country(
        "AU",
        names("Pty_Ltd Pty_Limited"),
        "com.au",
        {
            "phone": ["(02) 5550 ####", "+61 3 5550 ####", "07 5550 ####"],
            "mobile": [
                "0491 570 006",
                "0491 570 156",
                "+61 491 570 157",
                "0491 570 158",
                "0491 570 110",
            ],
            "fax": ["(02) 5550 ####", "+61 3 5550 ####"],
        },
        _au_address,
    ),
]
