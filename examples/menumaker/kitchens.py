"""What the shops of the menus sell: plain dishes that nobody owns, at invented prices."""

from typing import NamedTuple


class Kind(NamedTuple):
    """A part of a menu: its dishes, and what they may cost, in tens."""

    name: str
    dishes: tuple[str, ...]
    least: int
    most: int


class Kitchen(NamedTuple):
    """A kind of shop; `language` is that of its type."""

    language: str
    titles: tuple[str, ...]
    kinds: tuple[Kind, ...]
    second_names: dict[str, str]


NOODLES = Kitchen(
    "zh-Hant",
    ("巷口麵館", "好味小吃店", "阿木麵店", "三和食堂"),
    (
        Kind(
            "麵類",
            (
                "紅燒牛肉麵",
                "清燉牛肉麵",
                "番茄牛肉麵",
                "炸醬麵",
                "麻醬麵",
                "擔仔麵",
                "餛飩湯麵",
                "酸辣麵",
            ),
            6,
            22,
        ),
        Kind(
            "飯類", ("滷肉飯", "雞肉飯", "排骨飯", "雞腿飯", "焢肉飯", "蛋炒飯", "咖哩雞飯"), 4, 13
        ),
        Kind(
            "湯類", ("貢丸湯", "蛋花湯", "酸辣湯", "蛤蜊湯", "餛飩湯", "紫菜湯", "青菜豆腐湯"), 3, 7
        ),
        Kind(
            "小菜",
            ("滷蛋", "豆干", "海帶", "燙青菜", "皮蛋豆腐", "涼拌小黃瓜", "豬耳朵", "泡菜"),
            2,
            7,
        ),
        Kind("水餃", ("高麗菜水餃", "韭菜水餃", "玉米水餃", "鍋貼", "蒸餃"), 6, 12),
    ),
    {
        "紅燒牛肉麵": "Braised Beef Noodles",
        "清燉牛肉麵": "Clear Broth Beef Noodles",
        "番茄牛肉麵": "Tomato Beef Noodles",
        "炸醬麵": "Soybean Paste Noodles",
        "麻醬麵": "Sesame Noodles",
        "滷肉飯": "Braised Pork Rice",
        "雞肉飯": "Chicken Rice",
        "排骨飯": "Pork Chop Rice",
        "雞腿飯": "Chicken Leg Rice",
        "蛋炒飯": "Egg Fried Rice",
        "貢丸湯": "Pork Ball Soup",
        "蛋花湯": "Egg Drop Soup",
        "酸辣湯": "Hot and Sour Soup",
        "蛤蜊湯": "Clam Soup",
        "滷蛋": "Soy Egg",
        "燙青菜": "Boiled Greens",
        "皮蛋豆腐": "Tofu with Century Egg",
        "鍋貼": "Pan-fried Dumplings",
        "蒸餃": "Steamed Dumplings",
    },
)
DRINKS = Kitchen(
    "zh-Hant",
    ("山腳茶行", "日日好茶", "半糖茶舖"),
    (
        Kind("原味茶", ("紅茶", "綠茶", "烏龍茶", "青茶", "冬瓜茶", "麥茶"), 2, 4),
        Kind(
            "奶茶", ("珍珠奶茶", "烏龍奶茶", "仙草奶茶", "布丁奶茶", "椰果奶茶", "抹茶拿鐵"), 4, 7
        ),
        Kind(
            "鮮果茶", ("檸檬紅茶", "百香綠茶", "葡萄柚綠茶", "金桔檸檬", "水果茶", "鳳梨青茶"), 5, 8
        ),
    ),
    {},
)
IZAKAYA = Kitchen(
    "ja",
    ("居酒屋 いろは", "炭火焼 まつや", "さくら食堂"),
    (
        Kind(
            "焼き物",
            ("焼き鳥", "つくね", "手羽先", "鮭の塩焼き", "焼きおにぎり", "ししゃも"),
            18,
            68,
        ),
        Kind(
            "揚げ物", ("唐揚げ", "天ぷら盛り合わせ", "コロッケ", "エビフライ", "とんかつ"), 38, 98
        ),
        Kind(
            "ご飯・麺",
            ("親子丼", "カツ丼", "お茶漬け", "味噌ラーメン", "きつねうどん", "ざるそば"),
            48,
            98,
        ),
        Kind("お飲み物", ("生ビール", "日本酒", "梅酒", "ウーロン茶", "緑茶", "コーラ"), 25, 68),
    ),
    {},
)
CAFE = Kitchen(
    "en",
    ("Corner Cafe", "Morning Table", "Green Lane Kitchen"),
    (
        Kind(
            "Breakfast", ("Ham Omelette", "French Toast", "Bagel with Salmon", "Pancakes"), 12, 28
        ),
        Kind(
            "Mains", ("Roast Chicken", "Beef Burger", "Fish and Chips", "Mushroom Risotto"), 22, 48
        ),
        Kind("Coffee", ("Espresso", "Americano", "Cappuccino", "Flat White", "Caffe Latte"), 8, 18),
        Kind("Desserts", ("Cheesecake", "Apple Pie", "Brownie", "Lemon Tart", "Tiramisu"), 10, 20),
    ),
    {},
)
