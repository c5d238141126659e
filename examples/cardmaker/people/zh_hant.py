"""Taiwanese cards."""

from random import Random

from examples.cardmaker.identity import (
    Identity,
    NumberKind,
    chance,
    digits,
    domain,
    mailbox,
    names,
    numbers,
    pairs,
    website,
)

SURNAMES = pairs(
    "陳:Chen 林:Lin 黃:Huang 張:Chang 李:Lee 王:Wang 吳:Wu 劉:Liu 蔡:Tsai 楊:Yang 許:Hsu"
    " 鄭:Cheng 謝:Hsieh 郭:Kuo 洪:Hung 曾:Tseng 邱:Chiu 廖:Liao 賴:Lai 周:Chou 蘇:Su 葉:Yeh"
    " 莊:Chuang 呂:Lu 江:Chiang 何:Ho 蕭:Hsiao 羅:Lo 高:Kao 潘:Pan 簡:Chien 朱:Chu 鍾:Chung"
    " 彭:Peng 游:Yu 詹:Chan 胡:Hu 施:Shih 沈:Shen 余:Yu 盧:Lu 梁:Liang 顏:Yen 柯:Ko 翁:Weng"
    " 魏:Wei 孫:Sun 戴:Tai 范:Fan 方:Fang 宋:Sung 鄧:Teng 杜:Tu 侯:Hou 溫:Wen 薛:Hsueh"
    " 歐陽:Ouyang"
)
FIRST = pairs(
    "志:Chih 家:Chia 俊:Chun 建:Chien 宗:Tsung 冠:Kuan 承:Cheng 柏:Po 彥:Yen 宇:Yu 明:Ming"
    " 文:Wen 國:Kuo 淑:Shu 雅:Ya 怡:Yi 佳:Chia 美:Mei 惠:Hui 婉:Wan 詩:Shih 思:Szu 心:Hsin"
    " 筱:Hsiao 采:Tsai 永:Yung 正:Cheng 士:Shih 書:Shu 靜:Ching 欣:Hsin 品:Pin 子:Tzu 庭:Ting"
    " 秉:Ping 景:Ching"
)
SECOND = pairs(
    "豪:Hao 宏:Hung 傑:Chieh 賢:Hsien 廷:Ting 翰:Han 霖:Lin 穎:Ying 芬:Fen 婷:Ting 君:Chun"
    " 蓉:Jung 華:Hua 玲:Ling 珊:Shan 如:Ju 雯:Wen 萱:Hsuan 瑜:Yu 安:An 恩:En 誠:Cheng 銘:Ming"
    " 勳:Hsun 達:Ta 成:Cheng 儒:Ju 瑋:Wei 龍:Lung 峰:Feng 琪:Chi 蓁:Chen 慧:Hui 真:Chen 維:Wei"
    " 樺:Hua"
)
BRAND_FIRST = pairs(
    "晨:Chen 曦:Xi 嵐:Lan 澄:Cheng 墨:Mo 霽:Ji 禾:He 穗:Sui 森:Sen 岳:Yue 鯨:Jing 雁:Yan"
    " 松:Song 楓:Feng 瀚:Han 鼎:Ding 曜:Yao 翠:Cui 暖:Nuan 遠:Yuan 織:Zhi 璞:Pu"
)
BRAND_SECOND = pairs(
    "舟:zhou 原:yuan 川:chuan 野:ye 域:yu 匠:jiang 石:shi 光:guang 田:tian 港:gang 橋:qiao"
    " 嶼:yu 泉:quan 谷:gu 雲:yun 帆:fan 磊:lei 禮:li 樂:le 巢:chao 歌:ge 徑:jing"
)
TRADES = pairs(
    "科技:Technology 資訊:Information 精密工業:Precision 生技:Biotech 國際:International"
    " 設計:Design 文創:Creative 電子:Electronics 機械:Machinery 食品:Foods 建設:Construction"
    " 物流:Logistics 光電:Optronics 紡織:Textile 印刷:Printing 茶業:Tea 企業管理顧問:Consulting"
    " 實業:Industrial 能源:Energy 室內裝修:Interiors 旅行社:Travel 醫療器材:Medical"
)
FORMS = pairs(
    "股份有限公司:Co.,_Ltd. 股份有限公司:Corporation 股份有限公司:Inc. 有限公司:Co.,_Ltd."
    " 有限公司:Ltd."
)
TITLES = pairs(
    "總經理:General_Manager 副總經理:Vice_President 董事長:Chairman"
    " 協理:Associate_Vice_President 經理:Manager 副理:Deputy_Manager 專案經理:Project_Manager"
    " 業務經理:Sales_Manager 業務專員:Sales 工程師:Engineer 資深工程師:Senior_Engineer"
    " 設計師:Designer 執行長:CEO 技術長:CTO 課長:Section_Chief 行銷主任:Marketing_Supervisor"
    " 會計師:Accountant 顧問:Consultant 特助:Executive_Assistant 產品經理:Product_Manager"
    " 店長:Store_Manager 主任:Supervisor 研究員:Researcher"
)
DEPARTMENTS = names(
    "業務部 研發部 資訊處 行銷企劃部 國際業務處 管理部 客戶服務部 採購部 品保部 工程部"
)
PLACES = pairs(
    "台北市大安區:Da'an_Dist.,_Taipei_City 台北市內湖區:Neihu_Dist.,_Taipei_City"
    " 新北市板橋區:Banqiao_Dist.,_New_Taipei_City 桃園市中壢區:Zhongli_Dist.,_Taoyuan_City"
    " 新竹市東區:East_Dist.,_Hsinchu_City 台中市西屯區:Xitun_Dist.,_Taichung_City"
    " 台中市北屯區:Beitun_Dist.,_Taichung_City 彰化縣員林市:Yuanlin_City,_Changhua_County"
    " 台南市永康區:Yongkang_Dist.,_Tainan_City 高雄市前鎮區:Qianzhen_Dist.,_Kaohsiung_City"
    " 高雄市左營區:Zuoying_Dist.,_Kaohsiung_City 宜蘭縣羅東鎮:Luodong_Township,_Yilan_County"
    " 新北市三重區:Sanchong_Dist.,_New_Taipei_City 臺北市松山區:Songshan_Dist.,_Taipei_City"
    " 嘉義市西區:West_Dist.,_Chiayi_City 花蓮縣吉安鄉:Ji'an_Township,_Hualien_County"
)
POSTCODES = names("106 114 220 320 300 407 406 510 710 806 813 265 241 105 600 973")
ROADS = pairs(
    "晨星路:Chenxing_Rd. 青嵐街:Qinglan_St. 望海路:Wanghai_Rd. 松濤路:Songtao_Rd."
    " 明禾街:Minghe_St. 雲橋路:Yunqiao_Rd. 長樂街:Changle_St. 文曦路:Wenxi_Rd."
    " 光澄大道:Guangcheng_Blvd. 梅嶼路:Meiyu_Rd. 竹徑街:Zhujing_St. 北辰路:Beichen_Rd."
    " 錦川路:Jinchuan_Rd. 詩禮路:Shili_Rd."
)
SECTIONS = pairs(": 一段:Sec._1, 二段:Sec._2, 三段:Sec._3, 四段:Sec._4,")
PATTERNS: dict[NumberKind, list[str]] = {
    "phone": [
        "(02)2N##-0###",
        "02-2N##-0###",
        "(02) 2N## 0###",
        "+886-2-2N##-0###",
        "(04)2N##-0###",
        "04-2N##0###",
        "07-3N#-0###",
        "(03)5N#-0###",
        "+886 2 2N## 0###",
    ],
    "mobile": ["09##-0##-###", "09##-0#####", "09## 0## ###", "+886-9##-0##-###", "09##0#####"],
    "fax": ["(02)2N##-0###", "02-2N##-0###", "(04)2N##-0###", "+886-2-2N##-0###", "07-3N#-0###"],
}
SLOGANS = ["用心做好每一件小事", "讓專業更靠近生活", "ISO 9001:2015 認證", "2004 年創立", ""]
UBN_WEIGHTS = (1, 2, 1, 2, 1, 2, 4, 1)


def identity(rng: Random) -> Identity:
    """Invent a person at a Taiwanese company."""
    family, given = rng.choice(SURNAMES), (rng.choice(FIRST), rng.choice(SECOND))
    brand, trade, form = _brand(rng), rng.choice(TRADES), rng.choice(FORMS)
    title = rng.choice(TITLES)
    address, second_address = _address(rng)
    host = domain(rng, brand[1].lower() + rng.choice(["", "tech", "-tw"]), "com.tw")
    return Identity(
        language="zh-Hant",
        region="TW",
        name=family[0] + given[0][0] + given[1][0],
        second_name=_romanised(rng, family[1], given[0][1], given[1][1]),
        title=title[0],
        second_title=title[1],
        department=rng.choice([*DEPARTMENTS, *[""] * 10]),
        company=brand[0] + trade[0] + form[0],
        second_company=f"{brand[1]} {trade[1]} {form[1]}",
        brand=rng.choice([brand[0] + trade[0], brand[1].upper(), brand[0]]),
        numbers=numbers(rng, "TW", PATTERNS),
        email=f"{mailbox(rng, given[0][1] + given[1][1], family[1])}@{host}",
        website=website(rng, host),
        address=address,
        second_address=second_address,
        glue="",
        tax_id=_tax_id(rng) if chance(rng, 0.5) else "",
        slogan=rng.choice(SLOGANS),
    )


def _brand(rng: Random) -> tuple[str, str]:
    first, second = rng.choice(BRAND_FIRST), rng.choice(BRAND_SECOND)
    return first[0] + second[0], first[1] + second[1]


def _romanised(rng: Random, family: str, first: str, second: str) -> str:
    hyphenated = f"{first}-{second.lower()}"
    western = rng.choice(names("Kevin Jason Amy Vivian Eric Tina Allen Grace Leo Iris Ray Joyce"))
    return rng.choice([f"{hyphenated} {family}", f"{family} {hyphenated}", f"{western} {family}"])


def _address(rng: Random) -> tuple[tuple[str, ...], tuple[str, ...]]:
    index = rng.randrange(len(PLACES))
    road, section = rng.choice(ROADS), rng.choice(SECTIONS)
    house, floor = rng.randint(1, 398), rng.choice([0, 0, rng.randint(2, 24)])
    postcode = POSTCODES[index] + digits(rng, rng.choice(["", "##", "###"]))
    street = f"{road[0]}{section[0]}{house}號" + (f"{floor}樓" if floor else "")
    suite = rng.choice(["", "之3", "A室"]) if floor else ""
    parts = (f"{rng.choice([postcode, postcode + ' ', ''])}{PLACES[index][0]}", street + suite)
    latin = (
        (f"{floor}F., " if floor else "") + f"No. {house},",
        f"{section[1]} {road[1]},".strip(),
        f"{PLACES[index][1]} {postcode},",
        "Taiwan",
    )
    return parts, latin


def _tax_id(rng: Random) -> str:
    """Make a unified business number with a right check sum.

    Eight digits times 1 2 1 2 1 2 4 1, digits of the products added, divisible by 10: right by the
    rule before April 2023 and by the present one, which asks for 5. The seventh digit is never 7,
    which has a rule of its own. Numbers that begin with 00 are hardly ever given out.
    """
    while True:
        candidate = digits(rng, "00####") + rng.choice("012345689") + digits(rng, "#")
        products = (int(d) * w for d, w in zip(candidate, UBN_WEIGHTS, strict=True))
        if sum(p // 10 + p % 10 for p in products) % 10 == 0:
            return candidate
