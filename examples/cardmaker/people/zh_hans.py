"""Cards from mainland China."""

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
    "王:Wang 李:Li 张:Zhang 刘:Liu 陈:Chen 杨:Yang 赵:Zhao 黄:Huang 周:Zhou 吴:Wu 徐:Xu 孙:Sun"
    " 胡:Hu 朱:Zhu 高:Gao 林:Lin 何:He 郭:Guo 马:Ma 罗:Luo 梁:Liang 宋:Song 郑:Zheng 谢:Xie"
    " 韩:Han 唐:Tang 冯:Feng 于:Yu 董:Dong 萧:Xiao 程:Cheng 曹:Cao 袁:Yuan 邓:Deng 许:Xu 傅:Fu"
    " 沈:Shen 曾:Zeng 彭:Peng 吕:Lü 苏:Su 卢:Lu 蒋:Jiang 蔡:Cai 贾:Jia 丁:Ding 魏:Wei 薛:Xue"
    " 叶:Ye 阎:Yan 余:Yu 潘:Pan 杜:Du 戴:Dai 夏:Xia 钟:Zhong"
)
FIRST = pairs(
    "志:Zhi 建:Jian 晓:Xiao 文:Wen 思:Si 雨:Yu 子:Zi 国:Guo 海:Hai 明:Ming 丽:Li 俊:Jun 佳:Jia"
    " 梦:Meng 天:Tian 永:Yong 欣:Xin 雪:Xue 嘉:Jia 立:Li 振:Zhen 春:Chun 宇:Yu 诗:Shi 静:Jing"
    " 可:Ke 新:Xin 家:Jia"
)
SECOND = pairs(
    "伟:wei 强:qiang 敏:min 静:jing 杰:jie 涛:tao 超:chao 燕:yan 军:jun 华:hua 鹏:peng 飞:fei"
    " 玲:ling 琳:lin 辉:hui 娜:na 峰:feng 霞:xia 磊:lei 倩:qian 宁:ning 洁:jie 斌:bin 蕾:lei"
    " 轩:xuan 怡:yi 航:hang 然:ran"
)
BRANDS = pairs(
    "云帆:Yunfan 晨曦:Chenxi 星桥:Xingqiao 青禾:Qinghe 远岭:Yuanling 墨泉:Moquan 海屿:Haiyu"
    " 松间:Songjian 澜石:Lanshi 鹿鸣:Luming 微光:Weiguang 木棉里:Mumianli 千帆渡:Qianfandu"
    " 竹影:Zhuying 白榆:Baiyu 穗丰:Suifeng 极昼:Jizhou 橙舟:Chengzhou 溪谷:Xigu 北野:Beiye"
    " 锦堂:Jintang 知秋:Zhiqiu"
)
TRADES = pairs(
    "科技:Technology 信息技术:Information 电子:Electronics 机械:Machinery 贸易:Trading"
    " 文化传媒:Media 生物:Biotech 建筑设计:Architects 物流:Logistics 新能源:New_Energy"
    " 食品:Foods 咨询:Consulting 网络:Network 教育:Education 医疗器械:Medical 软件:Software"
    " 装饰工程:Decoration 包装材料:Packaging 广告:Advertising"
)
FORMS = pairs(
    "有限公司:Co.,_Ltd. 股份有限公司:Corporation 集团有限公司:Group 有限责任公司:Co.,_Ltd."
)
TITLES = pairs(
    "总经理:General_Manager 副总经理:Vice_President 董事长:Chairman 销售经理:Sales_Manager"
    " 项目经理:Project_Manager 产品经理:Product_Manager 高级工程师:Senior_Engineer"
    " 软件工程师:Software_Engineer 设计总监:Design_Director 市场总监:Marketing_Director"
    " 客户经理:Account_Manager 财务总监:CFO 首席技术官:CTO 区域经理:Regional_Manager"
    " 采购主管:Purchasing_Supervisor 教授:Professor 律师:Attorney 业务代表:Sales_Representative"
)
DEPARTMENTS = names("市场部 研发中心 销售部 国际贸易部 技术部 人力资源部 运营中心 法务部")
PLACES = pairs(
    "上海市徐汇区:Xuhui_District,_Shanghai 北京市朝阳区:Chaoyang_District,_Beijing"
    " 深圳市南山区:Nanshan_District,_Shenzhen 广东省广州市天河区:Tianhe_District,_Guangzhou"
    " 浙江省杭州市西湖区:Xihu_District,_Hangzhou 江苏省苏州市工业园区:Industrial_Park,_Suzhou"
    " 四川省成都市高新区:Hi-Tech_Zone,_Chengdu 湖北省武汉市洪山区:Hongshan_District,_Wuhan"
    " 陕西省西安市雁塔区:Yanta_District,_Xi'an 福建省厦门市思明区:Siming_District,_Xiamen"
    " 山东省青岛市崂山区:Laoshan_District,_Qingdao 辽宁省大连市中山区:Zhongshan_District,_Dalian"
)
ROADS = pairs(
    "星桥路:Xingqiao_Road 青禾街:Qinghe_Street 云海大道:Yunhai_Avenue 松月路:Songyue_Road"
    " 竹影巷:Zhuying_Lane 白榆路:Baiyu_Road 远岭路:Yuanling_Road 望川街:Wangchuan_Street"
    " 知春里大街:Zhichunli_Street 锦溪路:Jinxi_Road"
)
BUILDINGS = names("云帆大厦 星桥广场 青禾科技园 晨曦国际中心 海屿商务楼 白榆创意园")
PATTERNS: dict[NumberKind, list[str]] = {
    "phone": [
        "021-5N##0###",
        "010-6N##0###",
        "+86 755 8N## 0###",
        "020-3N##-0###",
        "0571-8N##0###",
    ],
    "mobile": ["138 0N## 0###", "139N###0###", "186-0N##-0###", "+86 137 N### 0###", "150N###0###"],
    "fax": ["021-5N##0###", "010-6N##0###", "0571-8N##0###", "+86 755 8N## 0###"],
}
SLOGANS = ["让连接更简单", "专注品质二十年", "国家高新技术企业", "ISO9001 认证企业", ""]


def identity(rng: Random) -> Identity:
    """Invent a person at a company of mainland China."""
    family, first, second = rng.choice(SURNAMES), rng.choice(FIRST), rng.choice([("", ""), *SECOND])
    brand, trade, form = rng.choice(BRANDS), rng.choice(TRADES), rng.choice(FORMS)
    title = rng.choice(TITLES)
    given = first[1] + second[1]
    place, second_place, city = _place(rng)
    host = domain(
        rng,
        brand[1].lower() + rng.choice(["", "tech", "group"]),
        rng.choice(["com", "cn", "com.cn"]),
    )
    return Identity(
        language="zh-Hans",
        region="CN",
        name=family[0] + first[0] + second[0],
        second_name=rng.choice(
            [f"{given} {family[1]}", f"{family[1]} {given}", f"{family[1].upper()} {given}"]
        ),
        title=title[0],
        second_title=title[1],
        department=rng.choice([*DEPARTMENTS, *[""] * 8]),
        company=rng.choice([city, ""]) + brand[0] + trade[0] + form[0],
        second_company=f"{brand[1]} {trade[1]} {form[1]}",
        brand=rng.choice([brand[0], brand[0] + trade[0], brand[1].upper()]),
        numbers=numbers(rng, "CN", PATTERNS),
        email=f"{mailbox(rng, given, family[1])}@{host}",
        website=website(rng, host),
        address=place,
        second_address=second_place,
        glue="",
        slogan=rng.choice(SLOGANS),
    )


def _place(rng: Random) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """Make an address, the same in English, and the name of its city."""
    place, road = rng.choice(PLACES), rng.choice(ROADS)
    house, room = rng.randint(1, 1999), rng.randint(2, 28) * 100 + rng.randint(1, 20)
    building = f"{rng.choice(BUILDINGS)}{rng.choice('ABC')}座{room}室" if chance(rng, 0.6) else ""
    postcode = digits(rng, "N##0##") if chance(rng, 0.3) else ""
    parts = (place[0], f"{road[0]}{house}号", building, f" {postcode}" if postcode else "")
    city = place[0].partition("省")[2] or place[0]
    latin = (f"No. {house} {road[1]},", f"{place[1]},", "China")
    return tuple(part for part in parts if part), latin, city.partition("市")[0]
