"""What common dishes, sections and sizes are called in four languages.

For menus that nobody translates: what is not here keeps the menu's own name alone, and guests
see that.
"""

import functools
from collections.abc import Mapping
from typing import Final

from forthwith.apps.orders.menus import Names
from forthwith.platform import text as texts

_ROWS: Final = (
    ("麵類", "Noodles", "麺類", "면류"),
    ("飯類", "Rice", "ご飯もの", "밥류"),
    ("湯類", "Soups", "スープ", "국물류"),
    ("湯品", "Soups", "スープ", "국물류"),
    ("小菜", "Side dishes", "小皿料理", "반찬"),
    ("水餃", "Dumplings", "水餃子", "물만두"),
    ("飲料", "Drinks", "お飲み物", "음료"),
    ("甜點", "Desserts", "デザート", "디저트"),
    ("主餐", "Mains", "メイン", "메인"),
    ("炸物", "Fried food", "揚げ物", "튀김"),
    ("燒烤", "Grill", "焼き物", "구이"),
    ("奶茶", "Milk tea", "ミルクティー", "밀크티"),
    ("牛肉麵", "Beef noodle soup", "牛肉麺", "우육면"),
    ("紅燒牛肉麵", "Braised beef noodle soup", "醤油煮込み牛肉麺", "홍소 우육면"),
    ("清燉牛肉麵", "Clear-broth beef noodle soup", "あっさり牛肉麺", "맑은 우육면"),
    ("番茄牛肉麵", "Tomato beef noodle soup", "トマト牛肉麺", "토마토 우육면"),
    ("炸醬麵", "Noodles with soybean paste", "ジャージャー麺", "짜장면"),
    ("麻醬麵", "Sesame noodles", "ごまだれ麺", "참깨소스 국수"),
    ("擔仔麵", "Danzai noodles", "担仔麺", "단자이 국수"),
    ("餛飩麵", "Wonton noodles", "ワンタン麺", "완탕면"),
    ("陽春麵", "Plain noodle soup", "かけ麺", "양춘면"),
    ("酸辣麵", "Hot and sour noodles", "酸辣麺", "산라면"),
    ("炒麵", "Fried noodles", "焼きそば", "볶음면"),
    ("炒米粉", "Fried rice noodles", "焼きビーフン", "볶음 쌀국수"),
    ("滷肉飯", "Braised pork rice", "魯肉飯", "루러우판"),
    ("雞肉飯", "Shredded chicken rice", "鶏肉飯", "닭고기덮밥"),
    ("排骨飯", "Pork chop rice", "排骨飯", "돼지갈비덮밥"),
    ("雞腿飯", "Chicken leg rice", "鶏もも飯", "닭다리덮밥"),
    ("焢肉飯", "Braised pork belly rice", "角煮飯", "삼겹살찜덮밥"),
    ("蛋炒飯", "Egg fried rice", "卵チャーハン", "계란볶음밥"),
    ("炒飯", "Fried rice", "チャーハン", "볶음밥"),
    ("咖哩飯", "Curry rice", "カレーライス", "카레라이스"),
    ("白飯", "Steamed rice", "白ご飯", "공깃밥"),
    ("貢丸湯", "Pork ball soup", "豚肉団子スープ", "돼지완자탕"),
    ("蛋花湯", "Egg drop soup", "かき玉スープ", "계란국"),
    ("酸辣湯", "Hot and sour soup", "酸辣湯", "산라탕"),
    ("蛤蜊湯", "Clam soup", "あさりのスープ", "조개탕"),
    ("餛飩湯", "Wonton soup", "ワンタンスープ", "완탕"),
    ("紫菜湯", "Seaweed soup", "海苔スープ", "김국"),
    ("味噌湯", "Miso soup", "味噌汁", "된장국"),
    ("滷蛋", "Soy egg", "煮玉子", "간장계란"),
    ("豆干", "Dried tofu", "押し豆腐", "건두부"),
    ("海帶", "Kelp", "昆布", "다시마"),
    ("燙青菜", "Boiled greens", "ゆで青菜", "데친 채소"),
    ("皮蛋豆腐", "Tofu with century egg", "ピータン豆腐", "피단두부"),
    ("涼拌小黃瓜", "Cucumber salad", "きゅうりの和え物", "오이무침"),
    ("泡菜", "Pickled cabbage", "キムチ", "김치"),
    ("鍋貼", "Pan-fried dumplings", "焼き餃子", "군만두"),
    ("蒸餃", "Steamed dumplings", "蒸し餃子", "찐만두"),
    ("小籠包", "Soup dumplings", "小籠包", "샤오롱바오"),
    ("蔥油餅", "Scallion pancake", "ねぎ餅", "파전병"),
    ("蚵仔煎", "Oyster omelette", "牡蠣オムレツ", "굴전"),
    ("臭豆腐", "Stinky tofu", "臭豆腐", "취두부"),
    ("鹹酥雞", "Popcorn chicken", "台湾唐揚げ", "옌쑤지"),
    ("蘿蔔糕", "Radish cake", "大根餅", "무떡"),
    ("蛋餅", "Egg crepe", "蛋餅", "딴빙"),
    ("豆漿", "Soy milk", "豆乳", "두유"),
    ("紅茶", "Black tea", "紅茶", "홍차"),
    ("綠茶", "Green tea", "緑茶", "녹차"),
    ("烏龍茶", "Oolong tea", "ウーロン茶", "우롱차"),
    ("冬瓜茶", "Winter melon tea", "冬瓜茶", "동과차"),
    ("珍珠奶茶", "Bubble milk tea", "タピオカミルクティー", "버블 밀크티"),
    ("檸檬紅茶", "Lemon black tea", "レモンティー", "레몬 홍차"),
    ("水果茶", "Fruit tea", "フルーツティー", "과일차"),
    ("美式咖啡", "Americano", "アメリカーノ", "아메리카노"),
    ("拿鐵", "Caffe latte", "カフェラテ", "카페라테"),
    ("可樂", "Cola", "コーラ", "콜라"),
    ("啤酒", "Beer", "ビール", "맥주"),
    ("大", "Large", "大", "대"),
    ("中", "Medium", "中", "중"),
    ("小", "Small", "小", "소"),
    ("大小", "Size", "サイズ", "크기"),
    ("熱", "Hot", "ホット", "뜨거운"),
    ("冰", "Iced", "アイス", "차가운"),
)
_UNITS: Final = (("杯", "茶奶汁酒啡鐵可樂汽水漿"), ("碗", "麵飯湯粥羹粉"))
_USUAL_UNIT: Final = "份"


@functools.cache
def _by_name() -> Mapping[str, Names]:
    found: dict[str, Names] = {}
    for chinese, english, japanese, korean in reversed(_ROWS):
        names = Names(chinese=chinese, english=english, japanese=japanese, korean=korean)
        found.update((texts.comparable(each), names) for each in names.all())
    return found


def names_of(text: str) -> Names:
    """A name in all languages where it is common; else in the one it is written in, as it is."""
    known = _by_name().get(texts.comparable(text))
    if known is not None:
        return known
    if any(map(texts.is_kana, text)):
        return Names(japanese=text)
    if any("\uac00" <= sign <= "\ud7a3" for sign in text):
        return Names(korean=text)
    return Names(chinese=text) if any(map(texts.is_han, text)) else Names(english=text)


def unit_of(text: str) -> str:
    """The measure word of a dish, by how its name ends."""
    return next((unit for unit, ends in _UNITS if text.endswith(tuple(ends))), _USUAL_UNIT)
