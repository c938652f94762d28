"""Which names of a set of pictures are East Asian, by how they are written in Latin letters.

Names say nothing of a face; they are the only thing that file names like `Liu_Xiaoqing_0001.jpg` tell. The rules prefer
to leave a person out: a name counts only where the surname is on the list *and* the rest is built as such names are, so
that `Kim_Clijsters`, `Lee_Baca` or `Martin_Short` do not. What they cannot know are East Asian people with names of
elsewhere and the reverse.
"""

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CHINESE = _words(
    """
an bai bao cai cao chan chang chao chau chen cheng cheong cheung chi chiang chien chin ching chiu chong chou
chow choy chu chua chuang chui chung cui dai deng ding dong du duan fan fang feng fong fu fung gan gao ge geng
gong gu guan guo han hao he ho hong hou hsia hsiao hsieh hsu hu hua huang hui hung huo jia jiang jiao jin kang
kao kong koo ku kuo kwan kwok kwong lai lam lao lau law lee lei leong leung li liang liao lien lim lin ling liu
lo long lu lui luk lung luo ma mao mei meng miao mo mok mu nan ng ngai ni niu ong ou ouyang pan pang pei peng pu
qi qian qiao qin qiu qu quan ren rong shang shao shen shi shu siew sima sin siu song soong su sun szeto tam tan
tang tao teng teo teoh tian ting tong tsai tsang tse tseng tsui tu tung twu wan wang wei wen weng wong woo wu xi
xia xiang xiao xie xing xiong xu xue yam yan yang yao ye yeh yeo yeung yi yim yin ying yip yu yuan yue yuen yung
zeng zhan zhang zhao zheng zhong zhou zhu zhuang zhuo zou zuo
"""
)
_KOREAN = _words(
    """
ahn bae baek bahn ban byun cha chae cho choe choi chon chun chung eom gang gil go gu gwak ham han heo hong huh
hwang hyun im jang jegal jeon jeong ji jin jo jon jong joo ju jun jung kang kil kim ko koh koo ku kwak kwon lee
lim min moon myung na nam namgung no noh oh paek paik pak park pyo pyon rhee rho ri rim ro roh ryang ryoo ryu
seo seok seol shim shin sim sin so sohn son song suh suk sung tak uhm um wi woo yang ye yi yim yom yoo yoon you
yu yun
"""
)
_LAST = _words(
    """
chan chang chao chen cheng cheung chiang chien chiu chou chow chung fong guo hsieh hsu huang hwang jiang kwan
kwok kwon lam lau leung li liang liao lin liu luo ng shen tang tran tsai tsang tse tseng tsui twu
wang wong woo wu xie xu yam yang yao yeh yeung yip yoon yu yuen zhang zhao zheng zhou zhu
"""
)
"""Surnames that stand last, as in `Cecilia_Cheung`, only where the bearer's family came from there; not `Lee`."""
_JAPANESE_ENDS = _words(
    """
akagi akashi ando aoki arai bashi bayashi beppu chida dachi deguchi doi eda endo fuji fukuda fukui gaki gami
gashi gata gawa goto guchi gusa hama hara hashi hata hayashi higa hino hira hiro hori hoshi iba ichi ida idei
igawa ike imai inoue irie ishi ishiba ishii ito iwa iwai jima kage kai kama kamei kami kamoto kano kata kato
kawa kawai kida kishi kita kobe koizumi komori kondo kubo kudo kuma kura kuwa machi maeda maki maru masa masu
matsu matsui mine mishima miwa miya miyake mizu mori moto mura murai naga nagai naka nari nishi nishio nobe noda
noguchi numa oda ogata ogawa ohga ohno oka okada okamoto okubo okuda okudo onishi ono osaka ota otani owada
oyama saka sakai saki sakuma sano sato sawa seki sera shiba shima shimizu shita shoji soda sono sorimachi suda
sugi sugiyama suzuki tabe tahara taka takagi takahashi takai takebe tamura tanaka tani toda togo toku tomita
tomo tsuji tsuka tsuru uchi uchida uda ueda uehara ueki ueno umi ura urushima usui wada waki wara watanabe
watari yagi yama yamada yasuda yasui yoshi yoshida yuki zaki zawa zuka zumi
"""
)
_JAPANESE_GIVEN = _words(
    """
ai aki ako ami ari asu atsu chi chie chiro emi eri eriko fumi fumio gen go goro hana hide hideki hiro hiroko
hito ichi isamu isao jiro jun junichi kan kaz kazu kei keiji ken kenji kenta kenzo ki kichi kiko kio ko koji
koki kozo kumi kuni maki mao mari masa masao mi michi mika mitsu miyu mori nao naoko naomi nobu nori norio o rei
ren rie rika ro ryo ryu saburo satoru satoshi sei shi shige shigeru shin shiro sho shoji shun so suke sumi
susumu taka take taku takuma taro tetsu tetsuo toru toshi tsugu tsutomu ya yasu yo yoji yoko yoshi yu yuji yuki
yukio yumi zo
"""
)
_MORAE = re.compile(
    r"(?:(?:sh|ch|ts|ky|gy|ny|hy|by|py|my|ry|[kgsztdnhfbpmyrwj])?[aiueo]+h?|n(?![aiueoy])|k(?=k)|t(?=t|ch)|s(?=s)|p(?=p))+"
)
"""Only syllables that Japanese has (Hepburn)."""
_SYLLABLE = (
    r"(?:b|p|m|f|d|t|n|l|g|k|h|j|q|x|zh|ch|sh|r|z|c|s|y|w|ts|hs|hw|hy|kw|ky|gw|my|sz|ph|ng|th|tr|pp|kk|tt)?"
    r"(?:[aeiou]|a[eio]|ao|e[iou]|eu|eo|i[aeou]|iao|io|o[eou]|ou|u[aeio]|uai|ui|uo|ue|ya|yu|yo|ye|yeo|wo|wa|we|oo|ee|yi|yue|ieu|uy|y)"
    r"(?:ng|n|k|l|m|p|t|r|h|nh|ch|w|u)?"
)
_SYLLABLES = re.compile(rf"{_SYLLABLE}(?:{_SYLLABLE})?(?:{_SYLLABLE})?")
_ONE_SYLLABLE = re.compile(_SYLLABLE)
_FIRST = _CHINESE | _KOREAN
_WESTERN_TOO = _words(
    """
an chi dai dang do dong fan ge go han he ho hong hui im ji jin jo joo ju jun kim ko law le lee lei long lu ly ma
mae mai man mo mu na no oh park ro ron sin so son sun ta tak tan ting tong um vo wan yi you
"""
)
"""Surnames that are names elsewhere too: the given name must then be two syllables that are written apart."""


def is_east_asian(name: str) -> bool:
    """Whether a name in Latin letters, words divided by `_`, is Chinese, Korean or Japanese."""
    words = [word for word in name.lower().replace("'", "").split("_") if word]
    if not 2 <= len(words) <= 4:
        return False
    return _surname_first(words) or _surname_last(words) or _is_japanese(words)


def _surname_first(words: list[str]) -> bool:
    """`Kim_Dae-jung`, `Hu_Jintao`."""
    given = [part for word in words[1:] for part in word.split("-") if part]
    if words[0] not in _FIRST or not given or not all(_SYLLABLES.fullmatch(part) for part in given):
        return False
    apart = len(given) == 2 and all(_ONE_SYLLABLE.fullmatch(part) for part in given)
    return apart or (len(given) == 1 and words[0] not in _WESTERN_TOO)


def _surname_last(words: list[str]) -> bool:
    """`Cecilia_Cheung`, `SJ_Twu`; `Chan_Ho_Park` where every word is one syllable."""
    given = [part for word in words[:-1] for part in word.split("-") if part]
    if words[-1] in _LAST:
        return True
    return words[-1] in _FIRST and len(given) == 2 and all(_ONE_SYLLABLE.fullmatch(part) for part in given)


def _is_japanese(words: list[str]) -> bool:
    """`Junichiro_Koizumi`: both words of Japanese syllables, ending as given names and surnames do."""
    if len(words) != 2 or not all(_MORAE.fullmatch(word) for word in words):
        return False
    given, surname = words
    return given.endswith(tuple(_JAPANESE_GIVEN)) and surname.endswith(tuple(_JAPANESE_ENDS))
