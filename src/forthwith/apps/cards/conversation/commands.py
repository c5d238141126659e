"""What a person asks for, in the words of three languages."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from forthwith.platform import text


class Language(StrEnum):
    """A language that the bot speaks."""

    CHINESE = "zh-TW"
    ENGLISH = "en"
    JAPANESE = "ja"


class Verb(StrEnum):
    """What can be asked for."""

    BEGIN_BATCH = "begin_batch"
    END_BATCH = "end_batch"
    STATUS = "status"
    HELP = "help"
    LIST = "list"
    SEARCH = "search"
    NOTE = "note"
    DELETE = "delete"
    CORRECT = "correct"
    CANCEL = "cancel"


class Field(StrEnum):
    """A field of a contact that can be corrected."""

    NAME = "name"
    COMPANY = "company"
    DEPARTMENT = "department"
    TITLE = "title"
    PHONE = "phone"
    MOBILE = "mobile"
    FAX = "fax"
    EMAIL = "email"
    WEBSITE = "website"
    ADDRESS = "address"
    TAX_ID = "tax_id"
    LINE_ID = "line_id"


@dataclass(frozen=True, slots=True)
class Command:
    """A verb as it was written; `rest` is what follows it, `language` that of its word."""

    verb: Verb
    language: Language | None = None
    rest: str = ""
    field: Field | None = None


_ZH, _EN, _JA = Language.CHINESE, Language.ENGLISH, Language.JAPANESE

_VERBS: Final[dict[Verb, dict[Language, tuple[str, ...]]]] = {
    Verb.BEGIN_BATCH: {
        _ZH: ("批次", "批次模式", "開始批次", "批量"),
        _EN: ("batch", "batch mode", "start batch", "begin batch"),
        _JA: ("バッチ", "一括", "まとめて", "バッチ開始"),
    },
    Verb.END_BATCH: {
        _ZH: ("結束批次", "结束批次", "完成批次", "停止批次", "結束"),
        _EN: ("end batch", "finish batch", "stop batch", "done"),
        _JA: ("バッチ終了", "一括終了", "終了"),
    },
    Verb.STATUS: {
        _ZH: ("狀態", "状态", "進度", "进度"),
        _EN: ("status", "progress"),
        _JA: ("状態", "状況", "ステータス", "進捗"),
    },
    Verb.HELP: {
        _ZH: ("說明", "说明", "幫助", "帮助", "?", "選單"),
        _EN: ("help", "menu"),
        _JA: ("ヘルプ", "使い方", "メニュー"),
    },
    Verb.LIST: {
        _ZH: ("列表", "清單", "名片", "聯絡人"),
        _EN: ("list", "cards", "contacts"),
        _JA: ("一覧", "リスト", "名刺"),
    },
    Verb.CANCEL: {
        _ZH: ("取消",),
        _EN: ("cancel",),
        _JA: ("キャンセル", "やめる"),
    },
    Verb.SEARCH: {
        _ZH: ("搜尋", "搜索", "查詢", "找"),
        _EN: ("search", "find"),
        _JA: ("検索", "探す"),
    },
    Verb.NOTE: {
        _ZH: ("備註", "备注", "註記"),
        _EN: ("note",),
        _JA: ("メモ", "備考"),
    },
    Verb.DELETE: {
        _ZH: ("刪除", "删除"),
        _EN: ("delete", "remove"),
        _JA: ("削除",),
    },
    Verb.CORRECT: {
        _ZH: ("更正", "修改", "改"),
        _EN: ("correct", "fix", "change"),
        _JA: ("訂正", "修正", "変更"),
    },
}

_FIELDS: Final[dict[Field, tuple[str, ...]]] = {
    Field.NAME: ("姓名", "名字", "name", "氏名", "名前"),
    Field.COMPANY: ("公司", "公司名稱", "company", "会社", "会社名"),
    Field.DEPARTMENT: ("部門", "department", "部署"),
    Field.TITLE: ("職稱", "职称", "頭銜", "title", "job title", "役職", "肩書"),
    Field.PHONE: ("電話", "电话", "phone", "tel"),
    Field.MOBILE: ("手機", "手机", "mobile", "cell", "携帯"),
    Field.FAX: ("傳真", "传真", "fax", "ファックス"),
    Field.EMAIL: ("信箱", "電子郵件", "郵件", "email", "e-mail", "mail", "メール"),
    Field.WEBSITE: ("網站", "網址", "website", "url", "web", "サイト", "ウェブ"),
    Field.ADDRESS: ("地址", "address", "住所"),
    Field.TAX_ID: ("統編", "統一編號", "tax id", "法人番号"),
    Field.LINE_ID: ("line", "line id"),
}

_TAKES_REST: Final = {Verb.SEARCH, Verb.NOTE, Verb.CORRECT}
_SEPARATOR: Final = re.compile(r"\s*[:=]\s*|\s+")


def _table() -> dict[str, tuple[Verb, Language]]:
    return {
        word: (verb, language)
        for verb, by_language in _VERBS.items()
        for language, words in by_language.items()
        for word in words
    }


_WORDS: Final = _table()
_PREFIXES: Final = sorted(
    (word for word, (verb, _) in _WORDS.items() if verb in _TAKES_REST), key=len, reverse=True
)
_FIELD_WORDS: Final = sorted(
    ((word, field) for field, words in _FIELDS.items() for word in words),
    key=lambda each: len(each[0]),
    reverse=True,
)


def parse(said: str) -> Command | None:
    """The command that a text is, in any of the languages; None when it is none."""
    plain = text.nfkc(said)
    known = _WORDS.get(plain.casefold())
    if known is not None:
        return Command(*known)
    for word in _PREFIXES:
        rest = _after(plain, word)
        if rest:
            verb, language = _WORDS[word]
            is_correction = verb is Verb.CORRECT
            return _correction(language, rest) if is_correction else Command(verb, language, rest)
    return None


def _correction(language: Language, rest: str) -> Command | None:
    for word, field in _FIELD_WORDS:
        value = _after(rest, word)
        if value is not None:
            return Command(Verb.CORRECT, language, value, field)
    return None


def _after(said: str, word: str) -> str | None:
    """What follows a word: nothing, or something after a space or colon; None without it.

    Chinese and Japanese words need no space after them.
    """
    if not said.casefold().startswith(word):
        return None
    rest = said[len(word) :]
    separator = _SEPARATOR.match(rest)
    if separator is None and rest and word.isascii():
        return None
    return rest[separator.end() :].strip() if separator else rest


def language_of(said: str) -> Language | None:
    """The language that a text is surely in: kana are Japanese; Latin letters may be a name."""
    if any(text.is_kana(sign) for sign in said):
        return Language.JAPANESE
    return None
