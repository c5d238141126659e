"""Hong Kong cards, in English and Traditional Chinese."""

from random import Random

from examples.cardmaker.identity import (
    Identity,
    NumberKind,
    domain,
    mailbox,
    names,
    numbers,
    pairs,
    website,
)

SURNAMES = pairs(
    "陳:Chan 黃:Wong 李:Lee 林:Lam 張:Cheung 劉:Lau 吳:Ng 梁:Leung 鄭:Cheng 何:Ho 葉:Yip"
    " 蔡:Choi 許:Hui 周:Chow 鄧:Tang 楊:Yeung 馮:Fung 曾:Tsang 郭:Kwok 盧:Lo 謝:Tse 蘇:So"
    " 關:Kwan 麥:Mak 譚:Tam 潘:Poon"
)
FIRST = pairs(
    "志:Chi 家:Ka 子:Tsz 嘉:Ka 偉:Wai 文:Man 國:Kwok 美:Mei 詠:Wing 凱:Hoi 永:Wing 思:Sze 俊:Chun"
)
SECOND = pairs(
    "豪:Ho 明:Ming 強:Keung 儀:Yee 欣:Yan 恩:Yan 傑:Kit 華:Wah 玲:Ling 晴:Ching 軒:Hin 雯:Man"
    " 輝:Fai"
)
WESTERN = names(
    "Kelvin Wendy Raymond Carmen Patrick Fiona Jacky Winnie Derek Mandy Alvin Queenie Terence"
)
BRANDS = pairs(
    "雲港:Cloudharbour 恒嶼:Hangyu 信禾:Sunwell 麗帆:Laifan 東岬:East_Cape 海麒:Hoikei"
    " 榮域:Wingvale 星渡:Starferry_Works 泓石:Wangstone 維禮:Vailai 金棠:Goldcrest_Bay"
    " 凌峰:Lingfung"
)
TRADES = pairs(
    "地產:Properties 證券:Securities 貿易:Trading 顧問:Consultancy 科技:Technology"
    " 船務:Shipping 珠寶:Jewellery 工程:Engineering 投資:Investments 飲食:Catering"
    " 保險:Insurance_Brokers 教育:Education"
)
FORMS = pairs(
    "有限公司:Limited 集團有限公司:Group_Limited 國際有限公司:International_Ltd."
    " （香港）有限公司:(HK)_Ltd."
)
TITLES = pairs(
    "董事總經理:Managing_Director 高級經理:Senior_Manager 助理經理:Assistant_Manager"
    " 客戶經理:Account_Manager 財務總監:Financial_Controller 項目主任:Project_Officer"
    " 市場推廣經理:Marketing_Manager 合夥人:Partner 銷售主任:Sales_Executive"
    " 總工程師:Chief_Engineer 副總裁:Vice_President 行政總裁:Chief_Executive_Officer"
)
PLACES = pairs(
    "香港灣仔:Wan_Chai,_Hong_Kong 香港中環:Central,_Hong_Kong"
    " 九龍觀塘:Kwun_Tong,_Kowloon,_Hong_Kong 九龍尖沙咀:Tsim_Sha_Tsui,_Kowloon,_Hong_Kong"
    " 新界荃灣:Tsuen_Wan,_N.T.,_Hong_Kong 香港北角:North_Point,_Hong_Kong"
)
ROADS = pairs(
    "燈籠街:Lantern_Street 雲港道:Cloudharbour_Road 海麒道:Hoi_Kei_Road"
    " 星渡街:Star_Ferry_Street 錦帆里:Kam_Fan_Lane"
)
BUILDINGS = pairs(
    "恒嶼中心:Hangyu_Centre 麗帆大廈:Laifan_Building 金棠廣場:Goldcrest_Plaza"
    " 維禮商業大廈:Vailai_Tower"
)
PATTERNS: dict[NumberKind, list[str]] = {
    "phone": ["(852) 2N## 0###", "+852 2N## 0###", "2N## 0###", "(852) 3N## 0###", "2N##-0###"],
    "mobile": ["(852) 9N## 0###", "+852 6N## 0###", "9N## 0###", "6N##-0###"],
    "fax": ["(852) 2N## 0###", "+852 2N## 0###", "2N## 0###"],
}


def identity(rng: Random) -> Identity:
    """Invent a person at a Hong Kong company."""
    family, first, second = rng.choice(SURNAMES), rng.choice(FIRST), rng.choice(SECOND)
    brand, trade, form = rng.choice(BRANDS), rng.choice(TRADES), rng.choice(FORMS)
    title, western = rng.choice(TITLES), rng.choice(WESTERN)
    address, second_address = _address(rng)
    host = domain(rng, brand[1].lower().replace(" ", ""), rng.choice(["com.hk", "hk", "com"]))
    spellings = [
        f"{western} {family[1]}",
        f"{family[1].upper()} {first[1]} {second[1]}",
        f"{western} {first[1][0]}. {second[1][0]}. {family[1]}",
    ]
    return Identity(
        language="en+zh-Hant",
        region="HK",
        name=rng.choice(spellings),
        second_name=family[0] + first[0] + second[0],
        title=title[1],
        second_title=title[0],
        company=f"{brand[1]} {trade[1]} {form[1]}",
        second_company=brand[0] + trade[0] + form[0],
        brand=rng.choice([brand[1].upper(), brand[0] + trade[0], brand[1]]),
        numbers=numbers(rng, "HK", PATTERNS),
        email=f"{mailbox(rng, western, family[1])}@{host}",
        website=website(rng, host),
        address=address,
        second_address=second_address,
    )


def _address(rng: Random) -> tuple[tuple[str, ...], tuple[str, ...]]:
    place, road, building = rng.choice(PLACES), rng.choice(ROADS), rng.choice(BUILDINGS)
    floor, unit, house = rng.randint(2, 45), rng.randint(1, 20), rng.randint(1, 320)
    latin = (
        f"Unit {floor:02}{unit:02}, {floor}/F, {building[1]},",
        f"{house} {road[1]},",
        place[1],
    )
    native = (f"{place[0]}{road[0]}{house}號", f"{building[0]}{floor}樓{floor:02}{unit:02}室")
    return latin, native
