"""Brazilian cards."""

from random import Random

from examples.cardmaker.identity import (
    Identity,
    NumberKind,
    chance,
    digits,
    domain,
    mailbox,
    mailbox_safe,
    names,
    numbers,
    website,
)

GIVEN = names(
    "Ana André Antônio Beatriz Bruno Caio Camila Carla Cecília César Débora Diego Eduardo Elisa"
    " Fábio Fernanda Flávio Gabriela Heitor Helena Igor Isabela João José Júlia Larissa Leandro"
    " Letícia Luís Marcelo Márcia Mariana Mônica Otávio Patrícia Rafael Renata Sérgio Sílvia"
    " Tânia Thiago Vânia Vinícius"
)
FAMILY = names(
    "Almeida Araújo Azevedo Barbosa Batista Borges Cardoso Carvalho Conceição Dias Estêvão"
    " Falcão Figueiredo Gonçalves Guimarães Leitão Lourenço Magalhães Meireles Monteiro Moraes"
    " Nogueira Paixão Peixoto Pinheiro Queirós Ramalho Resende Sá Salomão Simões Tavares"
    " Teixeira Valença Vasconcelos Xavier"
)
BRANDS = names(
    "Aurora Ipê_Amarelo Sabiá Pedra_Clara Horizonte_Azul Jatobá Maré_Alta Buriti Cachoeirinha"
    " Jacarandá Ventura Serra_Verde Araucária Vaga-lume Mirante Capivara Três_Rios Farol_Novo"
    " Pitanga Nascente"
)
TRADES = names(
    "Engenharia Contabilidade Odontologia Arquitetura Transportes Alimentos Tecnologia"
    " Consultoria Materiais_de_Construção Autopeças Eventos Advocacia Imóveis Gráfica"
    " Informática Turismo Climatização Móveis_Planejados"
)
FORMS = names("Ltda. S.A. Eireli ME &_Cia._Ltda. Soluções")
TITLES = names(
    "Diretor_Comercial Gerente_de_Vendas Gerente_de_Negócios Engenheiro_Civil Sócia-Diretora"
    " Arquiteta Advogado Contadora Analista_de_Sistemas Representante_Comercial"
    " Coordenadora_de_Marketing Presidente Cirurgiã-Dentista Consultor_Técnico"
    " Supervisor_de_Obras Diretora_Financeira Corretor_de_Imóveis"
)
STREETS = names(
    "Rua_das_Acácias Av._dos_Ipês Rua_Pedra_Clara Av._Maré_Alta Rua_do_Sabiá Travessa_da_Lua"
    " Rua_São_Benedito Av._Horizonte Alameda_Jatobá Rua_Vaga-lume Rua_Dr._Nogueira"
    " Rua_das_Três_Pontes"
)
CITIES = [
    ("São Paulo", "SP", "11", "04"),
    ("Campinas", "SP", "19", "13"),
    ("Rio de Janeiro", "RJ", "21", "22"),
    ("Belo Horizonte", "MG", "31", "30"),
    ("Curitiba", "PR", "41", "80"),
    ("Florianópolis", "SC", "48", "88"),
    ("Porto Alegre", "RS", "51", "90"),
    ("Salvador", "BA", "71", "40"),
]
QUARTERS = names("Centro Jardim_Aurora Vila_Nova Boa_Vista Santa_Luzia Alto_da_Serra Parque_Verde")
SLOGANS = [
    "Qualidade em cada detalhe",
    "Desde 1994",
    "Soluções que aproximam",
    "Orçamento sem compromisso",
    "",
]


def identity(rng: Random) -> Identity:
    """Invent a person at a Brazilian company."""
    given, family = rng.choice(GIVEN), rng.choice(FAMILY)
    middle = f"{rng.choice(FAMILY)} " if chance(rng, 0.3) else ""
    brand, city = rng.choice(BRANDS), rng.choice(CITIES)
    company = f"{brand} {rng.choice(TRADES)} {rng.choice(FORMS)}"
    name = f"{given} {middle}{family}"
    host = domain(rng, mailbox_safe(brand), "com.br")
    return Identity(
        language="pt",
        region="BR",
        name=rng.choice([name, name, name.upper()]),
        title=rng.choice(TITLES),
        company=rng.choice([company, company, company.upper()]),
        brand=rng.choice([brand, brand.upper(), brand.lower()]),
        numbers=numbers(rng, "BR", _patterns(city[2])),
        email=f"{mailbox(rng, given, family)}@{host}",
        website=website(rng, host),
        address=_address(rng, city),
        slogan=rng.choice(SLOGANS),
    )


def _patterns(area: str) -> dict[NumberKind, list[str]]:
    return {
        "phone": [
            f"({area}) 3N##-0###",
            f"{area} 3N##-0###",
            f"+55 {area} 3N##-0###",
            f"({area}) 2N##.0###",
        ],
        "mobile": [
            f"({area}) 9N###-0###",
            f"{area} 9 N###-0###",
            f"+55 {area} 9N###-0###",
            f"({area}) 9.N###-0###",
        ],
        "fax": [f"({area}) 3N##-0###"],
    }


def _address(rng: Random, city: tuple[str, str, str, str]) -> tuple[str, ...]:
    room = rng.choice(
        [
            "",
            f", Sala {rng.randint(1, 90)}",
            f" - {rng.randint(2, 19)}º andar",
            f", Loja {rng.randint(1, 9)}",
        ]
    )
    street = f"{rng.choice(STREETS)}, {rng.randint(12, 3900)}{room}"
    postcode = digits(rng, f"{city[3]}###-0##")
    place = rng.choice([f"{city[0]} - {city[1]}", f"{city[0]}/{city[1]}"])
    ending = rng.choice([f"CEP {postcode}", f"Cep: {postcode}", ""])
    return tuple(part for part in (street, f"{rng.choice(QUARTERS)} -", place, ending) if part)
