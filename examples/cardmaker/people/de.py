"""German cards; the numbers are those the Bundesnetzagentur keeps for film and television."""

from random import Random

from examples.cardmaker.identity import (
    Identity,
    NumberKind,
    chance,
    domain,
    mailbox,
    mailbox_safe,
    names,
    numbers,
    website,
)

GIVEN = names(
    "Anja Annegret Bernd Björn Carsten Christa Dörte Dirk Elke Erik Friederike Georg Gesine"
    " Götz Hannelore Heiko Ines Jens Jörg Jürgen Karin Käthe Klaus Lars Lena Lothar Maike"
    " Matthias Nele Niklas Petra Ralf Renate Sönke Sabine Steffen Svenja Thorsten Ulrike Uwe"
    " Volker Wiebke Zoë"
)
FAMILY = names(
    "Ackermann Bäumler Brückner Dörfler Eichendorff Feldkamp Fährmann Gröning Habicht Hülsmann"
    " Immergrün Jäckel Kesselring Kötter Lüdenscheid Löwenherz Morgenroth Mühlbauer Nachtigall"
    " Obermüller Pfeiffer Quast Rößler Sandmann Schönfeld Sperling Stöcker Tannhäuser Uhlenbrock"
    " Vogelsang Weißgerber Wüstefeld Zickler"
)
BRANDS = names(
    "Nordlicht Eulenhof Silberbach Morgenstern Kranich Steinbrück Windrose Fuchsbau Lindenthal"
    " Seeadler Birkenfeld Kupferberg Holzwurm Blaumeise Sturmhöhe Mondsee Falkenried Grünspan"
)
TRADES = names(
    "Optik Maschinenbau Steuerberatung Architekten Logistik Haustechnik Verlag Feinmechanik"
    " Software Gebäudetechnik Messtechnik Immobilien Bäckerei Druckerei Medizintechnik"
    " Energieberatung Schreinerei Versicherungsmakler"
)
FORMS = names("GmbH GmbH AG GmbH_&_Co._KG KG e.K. UG_(haftungsbeschränkt) PartG_mbB")
TITLES = names(
    "Geschäftsführer Geschäftsführerin Vertriebsleiter Prokuristin Projektleiter"
    " Leiterin_Einkauf Steuerberater Rechtsanwältin Außendienst Kundenberaterin"
    " Technischer_Leiter Softwareentwickler Bauleiterin Redakteur Niederlassungsleiter"
    " Personalreferentin"
)
DEGREES = names("Dr. Dipl.-Ing. Prof._Dr. Dr.-Ing.")
STREETS = names(
    "Lindenhofstraße Am_Mühlbach Kranichweg Schillerallee Alte_Gasse Windrosenplatz Birkenstr."
    " Ziegeleiweg Kupferstraße Gänsemarkt Fährufer Bahnhofstraße"
)
CITIES = [
    ("10999 Berlin", "30", "23125"),
    ("20459 Hamburg", "40", "66969"),
    ("60313 Frankfurt am Main", "69", "90009"),
    ("50667 Köln", "221", "4710"),
    ("80331 München", "89", "99998"),
]
DEPARTMENTS = names("Vertrieb Einkauf Forschung_und_Entwicklung Marketing Kundendienst")
SLOGANS = [
    "Präzision seit 1963",
    "Meisterbetrieb",
    "Wir denken weiter.",
    "Zertifiziert nach DIN EN ISO 9001",
    "",
]


def identity(rng: Random) -> Identity:
    """Invent a person at a German company."""
    given, family = rng.choice(GIVEN), rng.choice(FAMILY)
    brand, city = rng.choice(BRANDS), rng.choice(CITIES)
    degree = f"{rng.choice(DEGREES)} " if chance(rng, 0.25) else ""
    host = domain(rng, mailbox_safe(brand), "de")
    house = f"{rng.randint(1, 180)}{rng.choice(['', '', 'a', ' b', '–12'])}"
    return Identity(
        language="de",
        region="DE",
        name=f"{degree}{given} {family}",
        title=rng.choice(TITLES),
        department=rng.choice([*DEPARTMENTS, *[""] * 8]),
        company=f"{brand} {rng.choice(TRADES)} {rng.choice(FORMS)}",
        brand=rng.choice([brand, brand.upper(), brand.lower()]),
        numbers=numbers(rng, "DE", _patterns(*city[1:])),
        email=f"{mailbox(rng, given, family)}@{host}",
        website=website(rng, host),
        address=(f"{rng.choice(STREETS)} {house}", rng.choice([city[0], f"D-{city[0]}"])),
        glue=rng.choice([", ", " · ", " | "]),
        slogan=rng.choice(SLOGANS),
    )


def _patterns(area: str, exchange: str) -> dict[NumberKind, list[str]]:
    landline = [
        f"0{area} {exchange}-###",
        f"+49 {area} {exchange}-###",
        f"+49 (0){area} {exchange} ###",
        f"0{area} / {exchange} ###",
        f"(0{area}) {exchange}###",
    ]
    return {
        "phone": landline,
        "mobile": ["0171 39200##", "+49 176 040690##", "0171 / 392 00 ##", "+49 (0)171 39200##"],
        "fax": landline,
    }
