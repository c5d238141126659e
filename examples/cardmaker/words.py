"""The words cards put in front of numbers and addresses."""

from collections.abc import Mapping

Labels = Mapping[str, str]


def _set(
    phone: str,
    mobile: str,
    fax: str,
    email: str,
    website: str = "",
    address: str = "",
    tax_id: str = "統編 ",
) -> Labels:
    return {
        "phone": phone,
        "mobile": mobile,
        "fax": fax,
        "email": email,
        "website": website,
        "address": address,
        "tax_id": tax_id,
    }


BADGES: Labels = {
    "phone": "T",
    "mobile": "M",
    "fax": "F",
    "email": "E",
    "website": "W",
    "address": "A",
}
_SHORT = _set("T ", "M ", "F ", "E ", "W ")
_LETTERS = _set("T: ", "M: ", "F: ", "E: ", "W: ")
_ENGLISH = _set("Tel: ", "Mobile: ", "Fax: ", "Email: ", "Web: ")

LABELS: dict[str, tuple[Labels, ...]] = {
    "zh-Hant": (
        _set("電話：", "手機：", "傳真：", "信箱：", "網址：", "地址：", "統一編號："),
        _set("TEL ", "手機 ", "FAX ", "E-mail ", "", "", "統編 "),
        _set("電話 ", "行動 ", "傳真 ", "Email ", "網站 ", "", "統編："),
        _set("T / ", "M / ", "F / ", "E / ", "", "A / ", "統編 / "),
        _set("Tel:", "Mobile:", "Fax:", "E-mail:", "", "", "統一編號 "),
    ),
    "ja": (
        _set("TEL ", "携帯 ", "FAX ", "E-mail ", "URL "),
        _set("TEL：", "携帯：", "FAX：", "Mail：", "URL："),
        _set("電話 ", "携帯電話 ", "ファックス ", "メール "),
        _set("Tel. ", "Mobile. ", "Fax. ", "E-mail. "),
        _SHORT,
    ),
    "zh-Hans": (
        _set("电话：", "手机：", "传真：", "邮箱：", "网址：", "地址："),
        _set("电话 ", "手机 ", "传真 ", "邮箱 ", "网站 ", "地址 "),
        _set("T: ", "M: ", "F: ", "E: ", "", "Add: "),
        _set("Tel: ", "Mobile: ", "Fax: ", "E-mail: ", "", "地址："),
    ),
    "en": (
        _set("", "", "Fax ", ""),
        _SHORT,
        _LETTERS,
        _ENGLISH,
        _set("Phone: ", "Cell: ", "Fax: ", "Email: "),
        _set("Office ", "Mobile ", "Fax ", ""),
        _set("p. ", "c. ", "f. ", "e. ", "w. "),
    ),
    "en+zh-Hant": (
        _set("Tel 電話: ", "Mobile 手提: ", "Fax 傳真: ", "Email 電郵: ", "Website 網址: "),
        _set("Tel : ", "Mobile : ", "Fax : ", "Email : "),
        _ENGLISH,
        _SHORT,
    ),
    "pt": (
        _set("Tel.: ", "Cel.: ", "Fax: ", "E-mail: "),
        _set("Fone ", "Celular ", "Fax ", ""),
        _set("Telefone: ", "WhatsApp: ", "Fax: ", "E-mail: ", "Site: "),
        _SHORT,
    ),
    "vi": (
        _set("ĐT: ", "DĐ: ", "Fax: ", "Email: ", "Website: ", "Địa chỉ: "),
        _set("Điện thoại: ", "Di động: ", "Fax: ", "Email: ", "Web: ", "Đ/c: "),
        _set("Tel: ", "Hotline: ", "Fax: ", "E-mail: ", "", "VP: "),
        _SHORT,
    ),
    "de": (
        _set("Tel. ", "Mobil ", "Fax ", ""),
        _set("Telefon: ", "Mobil: ", "Telefax: ", "E-Mail: "),
        _set("T ", "M ", "F ", "E "),
        _set("Fon ", "Mobil ", "Fax ", "Mail ", "Web "),
    ),
}
