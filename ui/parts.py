"""The keys that name what a character is made of."""

from typing import Final

_ALL: Final = (
    "一丨丿丶亅十八二人亻丷亠勹冖冫又厶凵儿乂讠刂匕匚几力七丁卩九口囗土艹氵大忄扌宀女纟山幺广巾"
    "尸夂辶犭寸干勺夕士门子工马彡弓彳饣己习千小川廾木日王灬月中贝止戈车礻方比欠牛斤火殳耂见夫户"
    "午歹文长今巴毛夭天云爪手水心目田钅立禾石鸟衤罒白皿疒用穴甘古业矢由可半矛虫米臼羊页耳西羽虍"
    "艮自舟各而圭竹衣糸言足酉豆里豕辛隹鱼雨非革音龙金長門馬鳥齒龟鹿麻黑鬼骨高辰身走角谷青龍"
)
_PAGE: Final = 28
PARTS: Final = tuple(_ALL[at : at + _PAGE] for at in range(0, len(_ALL), _PAGE))
"""What characters are made of, few strokes first, page by page."""
