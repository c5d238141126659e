"""Vietnamese cards."""

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

FAMILY = names(
    "Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đinh Trịnh Mai Cao"
)
MIDDLE = names("Văn Thị Minh Đức Ngọc Thanh Quốc Hữu Thu Xuân Hải Khánh Bảo Anh Gia")
GIVEN = names(
    "An Anh Bình Châu Cường Diệp Dũng Đạt Giang Hà Hải Hạnh Hiếu Hòa Hương Khoa Khôi Lan Linh"
    " Long Mai Nam Nga Nhung Oanh Phong Phúc Phương Quân Quỳnh Sơn Tâm Thảo Thắng Thủy Trang"
    " Trung Tuấn Tùng Vân Việt Yến"
)
BRANDS = names(
    "Hoa_Sen_Xanh Bình_Minh_Mới Sao_Biển Trúc_Lâm_Việt Cánh_Diều Sông_Thu Đại_Dương_Xanh"
    " Ánh_Sao Mây_Trắng Phù_Sa Gió_Nam Lúa_Vàng Hải_Âu_Xanh Thiên_Thanh_An Núi_Xanh Làng_Tre"
)
TRADES = names(
    "Xây_Dựng Công_Nghệ Thương_Mại Du_Lịch Vận_Tải Thực_Phẩm Nội_Thất Truyền_Thông Cơ_Khí"
    " Dược_Phẩm Bất_Động_Sản Dệt_May Điện_Tử Giáo_Dục In_Ấn"
)
FORMS = names("Công_ty_TNHH Công_ty_Cổ_phần CÔNG_TY_TNHH Công_ty_CP CÔNG_TY_CỔ_PHẦN")
TITLES = names(
    "Giám_đốc Phó_Giám_đốc Tổng_Giám_đốc Trưởng_phòng_Kinh_doanh Kỹ_sư_Xây_dựng"
    " Nhân_viên_Kinh_doanh Kế_toán_trưởng Quản_lý_Dự_án Trưởng_phòng_Nhân_sự Chuyên_viên_Tư_vấn"
    " Kiến_trúc_sư Giám_đốc_Kỹ_thuật Luật_sư Quản_lý_Cửa_hàng"
)
STREETS = names(
    "Hoa_Sen Bình_Minh Cây_Bàng Sao_Mai Trúc_Xanh Bến_Đò Hồ_Trăng Cầu_Mây Vườn_Cau Phố_Gạo"
)
PLACES = [
    ("Phường 5, Quận 3,", "TP. Hồ Chí Minh", "028"),
    ("Phường Tân Phong, Quận 7,", "TP.HCM", "028"),
    ("Phường Dịch Vọng, Quận Cầu Giấy,", "Hà Nội", "024"),
    ("Quận Hoàn Kiếm,", "Thành phố Hà Nội", "024"),
    ("Quận Hải Châu,", "TP. Đà Nẵng", "0236"),
    ("Quận Ninh Kiều,", "TP. Cần Thơ", "0292"),
]
SLOGANS = ["Uy tín tạo niềm tin", "Chất lượng làm nên khác biệt", "Đồng hành cùng phát triển", ""]


def identity(rng: Random) -> Identity:
    """Invent a person at a Vietnamese company."""
    family, middle, given = rng.choice(FAMILY), rng.choice(MIDDLE), rng.choice(GIVEN)
    name = f"{family} {middle} {given}"
    brand, place = rng.choice(BRANDS), rng.choice(PLACES)
    company = f"{rng.choice(FORMS)} {rng.choice(TRADES)} {brand}"
    host = domain(rng, mailbox_safe(brand), rng.choice(["com.vn", "vn"]))
    return Identity(
        language="vi",
        region="VN",
        name=rng.choice([name, name.upper()]),
        title=rng.choice(TITLES),
        company=company.upper() if company.startswith("CÔNG") else company,
        brand=rng.choice([brand, brand.upper()]),
        numbers=numbers(rng, "VN", _patterns(place[2])),
        email=f"{mailbox(rng, given, family)}@{host}",
        website=website(rng, host),
        address=_address(rng, place),
        slogan=rng.choice(SLOGANS),
    )


def _patterns(area: str) -> dict[NumberKind, list[str]]:
    rest = "3N## 0###" if len(area) == len("028") else "3N# 0###"
    return {
        "phone": [
            f"{area} {rest}",
            f"({area}) {rest}",
            f"(84-{area[1:]}) {rest}",
            f"+84 {area[1:]} {rest}",
        ],
        "mobile": [
            "0903 0## ###",
            "091N 0## ###",
            "0985.0##.###",
            "+84 93 N0# ####",
            "0978-0##-###",
        ],
        "fax": [f"{area} {rest}", f"({area}) {rest}"],
    }


def _address(rng: Random, place: tuple[str, str, str]) -> tuple[str, ...]:
    house = f"{rng.randint(1, 480)}{rng.choice(['', '', 'A', 'B', '/12'])}"
    street = rng.choice(
        [f"{house} {rng.choice(STREETS)},", f"Số {house} đường {rng.choice(STREETS)},"]
    )
    tower = f"Tầng {rng.randint(2, 25)}, Tòa nhà {rng.choice(BRANDS)}," if chance(rng, 0.3) else ""
    return tuple(part for part in (tower, street, place[0], place[1]) if part)
