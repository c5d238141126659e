"""Japanese cards."""

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
    "佐藤:Sato 鈴木:Suzuki 高橋:Takahashi 田中:Tanaka 伊藤:Ito 渡辺:Watanabe 山本:Yamamoto"
    " 中村:Nakamura 小林:Kobayashi 加藤:Kato 吉田:Yoshida 山田:Yamada 佐々木:Sasaki"
    " 山口:Yamaguchi 松本:Matsumoto 井上:Inoue 木村:Kimura 斎藤:Saito 清水:Shimizu 森:Mori"
    " 池田:Ikeda 橋本:Hashimoto 石川:Ishikawa 前田:Maeda 藤田:Fujita 後藤:Goto 岡田:Okada"
    " 長谷川:Hasegawa 村上:Murakami 近藤:Kondo 石井:Ishii 遠藤:Endo 青木:Aoki 坂本:Sakamoto"
    " 藤井:Fujii 西村:Nishimura 福田:Fukuda 太田:Ota 三浦:Miura 岡本:Okamoto 松田:Matsuda"
    " 中川:Nakagawa 原田:Harada 小野:Ono 竹内:Takeuchi 金子:Kaneko 和田:Wada 中山:Nakayama"
    " 石田:Ishida 上田:Ueda 森田:Morita 柴田:Shibata 酒井:Sakai 宮崎:Miyazaki 内田:Uchida"
    " 高木:Takagi 安藤:Ando 大野:Ono 丸山:Maruyama 今井:Imai 河野:Kono"
)
GIVEN = pairs(
    "翔太:Shota 健太:Kenta 大輔:Daisuke 直樹:Naoki 拓也:Takuya 雄一:Yuichi 浩:Hiroshi 誠:Makoto"
    " 健一:Kenichi 隆:Takashi 亮:Ryo 悠斗:Yuto 陽介:Yosuke 慎吾:Shingo 正樹:Masaki 裕子:Yuko"
    " 美咲:Misaki 恵:Megumi 彩:Aya 陽子:Yoko 由美:Yumi 愛:Ai 真由美:Mayumi 千尋:Chihiro"
    " 香織:Kaori 麻衣:Mai 優子:Yuko 里奈:Rina 明美:Akemi さくら:Sakura 智子:Tomoko 奈々:Nana"
    " 和也:Kazuya 俊介:Shunsuke 康平:Kohei 哲也:Tetsuya 光:Hikaru 葵:Aoi 純:Jun 修:Osamu"
    " 孝之:Takayuki"
)
BRANDS = pairs(
    "星窓:Hoshimado 風渡:Kazewatari 霧島野:Kirishimano 灯屋:Akariya 水縞:Mizushima_Works"
    " 朝凪:Asanagi 木霊堂:Kodamado 山吹舎:Yamabukisha 月待:Tsukimachi 葉隠:Hagakure 青磁:Seiji"
    " 雪解:Yukidoke ミナモト:Minamoto アオゾラ:Aozora ハルカゼ:Harukaze ツムギ:Tsumugi"
    " コトノハ:Kotonoha カワセミ:Kawasemi ヒノキ:Hinoki シラカバ:Shirakaba"
    " ユキノシタ:Yukinoshita トビウオ:Tobiuo 橙:Daidai 千鳥:Chidori"
)
TRADES = pairs(
    "製作所:Works 電機:Electric 工業:Industries 商事:Trading 建設:Construction 印刷:Printing"
    " システム:Systems デザイン:Design 食品:Foods 化学:Chemical 精工:Precision"
    " ソフトウェア:Software 物流:Logistics 工務店:Builders コンサルティング:Consulting"
    " 不動産:Realty 薬品:Pharma 企画:Planning テクノロジー:Technology 運輸:Transport"
)
TITLES = pairs(
    "代表取締役:President 代表取締役社長:President_&_CEO 取締役:Director"
    " 専務取締役:Senior_Managing_Director 営業部長:Sales_Director 部長:General_Manager"
    " 課長:Manager 係長:Section_Chief 主任:Chief 店長:Store_Manager エンジニア:Engineer"
    " デザイナー:Designer 営業担当:Sales 一級建築士:Architect 研究員:Researcher"
    " マネージャー:Manager 税理士:Tax_Accountant 支店長:Branch_Manager 工場長:Plant_Manager"
)
DEPARTMENTS = names(
    "営業部 開発部 総務部 企画部 第一営業部 海外事業部 技術部 広報室 情報システム部 品質管理部"
    " 営業本部_第二課 人事部"
)
PLACES = pairs(
    "東京都千代田区:Chiyoda-ku,_Tokyo 東京都渋谷区:Shibuya-ku,_Tokyo 東京都大田区:Ota-ku,_Tokyo"
    " 神奈川県横浜市西区:Nishi-ku,_Yokohama 大阪府大阪市北区:Kita-ku,_Osaka"
    " 京都府京都市中京区:Nakagyo-ku,_Kyoto 愛知県名古屋市中区:Naka-ku,_Nagoya"
    " 福岡県福岡市博多区:Hakata-ku,_Fukuoka 北海道札幌市中央区:Chuo-ku,_Sapporo"
    " 宮城県仙台市青葉区:Aoba-ku,_Sendai 広島県広島市南区:Minami-ku,_Hiroshima"
    " 石川県金沢市:Kanazawa,_Ishikawa 長野県松本市:Matsumoto,_Nagano"
    " 静岡県浜松市中央区:Chuo-ku,_Hamamatsu 埼玉県川越市:Kawagoe,_Saitama"
)
POSTCODES = names("100 150 143 220 530 604 460 812 060 980 732 920 390 430 350")
TOWNS = pairs(
    "星見町:Hoshimicho 青葉台:Aobadai 桜橋:Sakurabashi 南風町:Minamikazecho 朝日町:Asahimachi"
    " 緑が丘:Midorigaoka 白波:Shiranami 若葉町:Wakabacho 月見台:Tsukimidai 本町:Honcho"
    " 梅園:Umezono 東雲町:Shinonomecho"
)
BUILDINGS = names(
    "星見ビル 青葉タワー サンライズ桜橋 第二山吹ビル 緑が丘プラザ コトノハビルディング"
    " 白波オフィス 千鳥会館"
)
PATTERNS: dict[NumberKind, list[str]] = {
    "phone": [
        "03-5N##-0###",
        "03(5N##)0###",
        "(03) 5N##-0###",
        "06-6N##-0###",
        "045-6N#-0###",
        "+81-3-5N##-0###",
        "052-2N#-0###",
        "03-3N##-0###",
    ],
    "mobile": ["090-N0##-0###", "080-N0##-0###", "070-N0##-0###", "+81-90-N0##-0###"],
    "fax": ["03-5N##-0###", "03(5N##)0###", "06-6N##-0###", "045-6N#-0###", "+81-3-5N##-0###"],
}
SLOGANS = ["人と技術をつなぐ", "暮らしに、ひかりを。", "ISO 14001 認証取得", "創業大正十二年", ""]


def identity(rng: Random) -> Identity:
    """Invent a person at a Japanese company."""
    family, given = rng.choice(SURNAMES), rng.choice(GIVEN)
    brand, trade, title = rng.choice(BRANDS), rng.choice(TRADES), rng.choice(TITLES)
    address, second_address = _address(rng)
    slug = brand[1].lower().replace(" ", "-")
    host = domain(
        rng, rng.choice([slug, f"{slug}-{trade[1].lower()}"]), rng.choice(["co.jp", "jp"])
    )
    gap = rng.choice([" ", "", "　"])
    return Identity(
        language="ja",
        region="JP",
        name=family[0] + gap + given[0],
        second_name=rng.choice([f"{given[1]} {family[1]}", f"{family[1].upper()} {given[1]}"]),
        title=title[0],
        second_title=title[1],
        department=rng.choice([*DEPARTMENTS, *[""] * 8]),
        company=_company(rng, brand[0] + trade[0]),
        second_company=f"{brand[1]} {trade[1]} {rng.choice(['Co., Ltd.', 'Inc.', 'Corporation'])}",
        brand=rng.choice([brand[0], brand[1].upper(), brand[1].lower()]),
        numbers=numbers(rng, "JP", PATTERNS),
        email=f"{mailbox(rng, given[1], family[1])}@{host}",
        website=website(rng, host),
        address=address,
        second_address=second_address,
        slogan=rng.choice(SLOGANS),
    )


def _company(rng: Random, stem: str) -> str:
    form = rng.choice(["株式会社", "株式会社", "株式会社", "有限会社", "合同会社"])
    return rng.choice([form + stem, stem + form, f"{form} {stem}"])


def _address(rng: Random) -> tuple[tuple[str, ...], tuple[str, ...]]:
    index, town = rng.randrange(len(PLACES)), rng.choice(TOWNS)
    place = PLACES[index]
    block = [rng.randint(1, 9), rng.randint(1, 29), rng.randint(1, 24)]
    dashed = "-".join(map(str, block))
    written = f"{block[0]}丁目{block[1]}番{block[2]}号"
    postcode = digits(rng, f"{POSTCODES[index]}-00##")
    building = f"{rng.choice(BUILDINGS)}{rng.randint(2, 14)}F" if chance(rng, 0.5) else ""
    parts = (
        f"〒{postcode}",
        place[0] + town[0] + rng.choice([dashed, dashed, written]),
        *([building] if building else []),
    )
    return parts, (f"{dashed} {town[1]},", f"{place[1]}", f"{postcode}, Japan")
