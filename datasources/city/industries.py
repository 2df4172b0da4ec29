"""Industries (GB/T 4754) a city lives from: how firms and shops in them are called, which field of law watches them."""

from __future__ import annotations

from typing import NamedTuple

from datasources.city.acts import FIELD_BY_NAME


class Industry(NamedTuple):
    """Code, the word in a company's name, the word in a shop's name, scope, licence (name, type code) or none, field."""

    code: str
    company: str
    shop: str
    scope: str
    licence: tuple[str, str] | None
    field: int
    food: bool


_FOOD = ("食品经营许可证", "11440499007000011Q002")
_LICENCES = {
    "food": _FOOD, "make": ("食品生产许可证", "11440499007000011Q003"), "drug": ("药品经营许可证", "11440499007000011Q004"),
    "tobacco": ("烟草专卖零售许可证", "11440499007000011Q006"), "public": ("公共场所卫生许可证", "11440499007000011Q010"),
    "clinic": ("医疗机构执业许可证", "11440499007000011Q011"), "fun": ("娱乐经营许可证", "11440499007000011Q013"),
    "chemical": ("危险化学品经营许可证", "11440499007000011Q015"), "discharge": ("排污许可证", "11440499007000011Q016"),
    "build": ("建筑业企业资质证书", "11440499007000011Q019"), "labour": ("人力资源服务许可证", "11440499007000011Q021"),
    "school": ("民办学校办学许可证", "11440499007000011Q022"), "road": ("道路运输经营许可证", "11440499007000011Q044"),
}  # fmt: skip
#: code company-word shop-word licence field per-mille scope
_TABLE = (
    "6210 餐饮管理 酒家 food 市场监管 55 餐饮服务;食品销售", "6291 餐饮服务 小吃店 food 市场监管 90 小吃服务;食品销售",
    "6220 餐饮连锁 快餐店 food 市场监管 45 快餐服务", "6232 咖啡 咖啡店 food 市场监管 20 咖啡馆服务;食品销售",
    "5212 商业连锁 超市 food 市场监管 30 预包装食品销售;日用百货销售", "5213 便利店 便利店 food 市场监管 60 食品销售;日用百货销售",
    "5223 果蔬 水果店 food 市场监管 35 新鲜水果零售", "5224 水产 海鲜档 food 市场监管 35 水产品零售;肉类零售",
    "1411 食品 饼屋 make 市场监管 15 糕点面包制造;食品生产", "1361 水产食品 水产加工坊 make 市场监管 8 水产品冷冻加工",
    "5251 大药房 药店 drug 市场监管 20 药品零售;医疗器械销售", "5227 烟酒贸易 烟酒店 tobacco 烟草专卖 30 烟草制品零售;酒类零售",
    "5232 服饰 服装店 - 市场监管 50 服装服饰零售", "5292 电子商务 网店 - 市场监管 30 互联网销售",
    "8111 汽车服务 汽车维修部 - 交通运输 25 机动车修理和维护", "5431 物流 货运部 road 交通运输 35 普通货物道路运输",
    "5422 客运 客运服务部 road 交通运输 6 旅游客运;包车客运", "5413 出租汽车 出租车服务部 road 交通运输 4 巡游出租汽车客运",
    "5435 危货运输 危货运输部 road 交通运输 4 危险货物道路运输", "4710 建设工程 工程队 build 住房城乡建设 30 房屋建筑工程施工",
    "5012 装饰工程 装修部 build 城市管理 40 住宅室内装饰装修", "7010 房地产开发 租赁部 - 住房城乡建设 10 房地产开发经营",
    "7020 物业管理 物业服务部 - 住房城乡建设 20 物业管理", "7030 房地产中介 中介门店 - 住房城乡建设 20 房地产经纪",
    "3982 电子科技 电子加工店 discharge 生态环境 30 电子元器件制造", "3360 金属制品 五金加工店 discharge 生态环境 20 金属表面处理加工",
    "2929 塑料制品 塑料加工店 discharge 应急管理 20 塑料制品制造", "2614 化工 化工经营部 chemical 应急管理 8 危险化学品经营",
    "5265 石油 加油站 chemical 应急管理 8 成品油零售", "8040 美容美发 理发店 public 卫生健康 50 美容服务;理发服务",
    "6121 酒店管理 旅馆 public 卫生健康 20 住宿服务", "8425 医疗门诊 诊所 clinic 卫生健康 15 诊所服务",
    "9011 娱乐 歌舞厅 fun 文化旅游 8 歌舞娱乐活动", "9013 网络科技 网吧 fun 文化旅游 6 互联网上网服务",
    "7291 国际旅行社 旅行社门市 - 文化旅游 10 旅行社服务", "0411 水产养殖 养殖场 - 农业农村和渔业 12 水产养殖",
    "0141 农业发展 农资店 - 农业农村和渔业 12 蔬菜种植;农资销售", "6513 信息技术 电脑店 - 人力资源社会保障 45 软件开发",
    "7231 咨询 事务所 labour 人力资源社会保障 15 商务信息咨询", "8393 教育科技 培训部 school 教育 14 文化艺术培训",
)  # fmt: skip


def _read(row: str) -> tuple[Industry, int]:
    code, company, shop, licence, field, share, scope = row.split()
    return Industry(
        code, company, shop, scope, _LICENCES.get(licence), FIELD_BY_NAME[field], licence in ("food", "make"),
    ), int(share)  # fmt: skip


INDUSTRIES = tuple(_read(row)[0] for row in _TABLE)
INDUSTRY_BY_CODE = {industry.code: industry for industry in INDUSTRIES}
POOL = tuple(industry for row in _TABLE for industry, share in (_read(row),) for _ in range(share))
FOOD_POOL = tuple(industry for industry in POOL if industry.food)
TRADE_NAMES = (
    "海晟 粤盛 汇丰源 金湾湖 凤凰谷 润达 宏发 鑫茂 恒通 华域 志诚 新翼 蓝湾 嘉禾 泰昌 永盈 德润 锦程 万家兴 乐活 卓越 瑞祥 联创 天成 博雅 众合 启航 "
    "中珠盛 创逸 南方红 骏业 百味香 福满堂 聚福 老街坊 好邻居 康泽 仁济 绿源 海之韵 双湖 远帆 汇智 微光 云帆 星河 朗润 顺和 安捷 万通"
).split()
