"""Passwords that are guessed first: keyboard walks, dates, names, and words with an ending.

Written for this project and put together from their parts, not copied from a leak. Shorter
ones are refused by their length anyway.
"""

from itertools import product
from typing import Final

_WORDS: Final = """
abcdefgh admin administrator alexander amanda america andrea andrew angel anthony apple asdfgh
ashley baseball basketball batman benjamin brandon buster butterfly camera changeme charlie
cheese chelsea chocolate christian christopher computer cookie corvette cowboys dallas daniel
default diamond dolphin dragon elephant elizabeth eminem english falcon ferrari flower football
forever forthwith freedom friends garfield george ginger google guitar hannah harley heather hello
hockey hunter iloveyou internet jackson jasmine jennifer jessica jessie jordan joshua justin
killer kitty lakers letmein liverpool london lovely loveme maggie marina martin master matrix
matthew melissa mercedes merlin michael michelle microsoft monica monkey monster mustang natasha
newyork nicholas nicole orange passw0rd password patrick peaches pepper phoenix pokemon
porsche prince princess purple qwerty qwertz rachel rainbow ranger richard robert rockyou
samantha samsung scooter secret security shadow silver smokey soccer sparky spiderman
stephanie steven summer sunshine superman sweety taiwan taipei tennis thomas thunder tigger
test testing tokyo trustno1 tweety user victoria warrior welcome whatever william winner winter
xbox yamaha yankees yellow zxcvbn
"""
_ENDINGS: Final = ("", "!", "1", "12", "123", "1234", "12345", "123!", "2024", "2025", "2026")
_WALKS: Final = """
0123456789 012345678 01234567 0987654321 1029384756 11223344 112233445566 12121212 12341234
123123123 1234567890 123456789 12345678 1234567a 123456789a 12345abc 123qweasd 123qweasdzxc
13131313 147258369 1a2b3c4d 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qaz2wsx3edc 1qazxsw2 20202020 23232323
369258147 741852963 789456123 87654321 876543210 987654321 9876543210 a1b2c3d4 aa123456 abc12345
abc123456 abcd1234 abcdefg1 abcdefghi asdasdasd asdf1234 asdfasdf asdfghjk asdfghjkl asdfghjkl;
azertyui azertyuiop iloveyou2 p@ssw0rd p@ssword poiuytre poiuytrewq q1w2e3r4 q1w2e3r4t5 qazwsxed
qazwsxedc qqww1122 qwe123qwe qweasdzx qweasdzxc qweqweqwe qwer1234 qwert123 qwertyui qwertyuiop
zaq12wsx zaq1zaq1 zxcvbnm1 zxcvbnm123 zxcvbnm, zxcvbnm, ji32k7au4a83 au4a83ji3
"""

COMMON: Final = frozenset(_WALKS.split()) | {
    word + ending
    for word, ending in product(_WORDS.split(), _ENDINGS)
    if len(word + ending) >= 8  # noqa: PLR2004 - shorter ones need no list
}
"""In small letters."""
