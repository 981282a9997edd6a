"""Words that questions have in common whatever they are about, in some languages. Of others, questions must be more alike."""

import re
from typing import Final

_ENGLISH: Final = """
a about again all also am an and another any are as ask asked at be been but by can continue could d did didn do does doesn
doing don else explain for from get give go going got had has have hello help hey hi how i if in into is isn it its just kind
know let like ll m make me mean meant more my need next no not now of ok okay on one or our out please question re really s say
see should show so some still t tell than thank thanks that the their them then there these they thing think this those to try up
us use ve want was we well were what when where which who why will with won wondering would wrong yes yet you your
"""
_GERMAN: Final = """
aber als am an auch auf aus bei bin bitte da danke dann das dass dem den denn der des die dir doch du ein eine einem einen einer es
für geht gibt habe haben hallo hat ich ihr im in ist ja kann kannst können man mein meine meinem meinen meiner mich mir mit muss müssen
nein nicht noch nochmal nun nur ob oder sein sich sie sind so soll und uns um von wann war warum was weiter welche welcher wenn wer wie wieder
wieso will wir wird wo woran zu zum zur über
"""
_FRENCH: Final = """
ai au aux avec bonjour c ce cela ces cette comment d dans de des dois donc du elle en encore est et faire fait il j je l la le les
leur ma mais me merci mes moi mon n ne nous non notre on ou oui où par pas peut peux plus plaît pour pourquoi qu quand que quel quelle
quels qui quoi s sa se ses si sont suis sur t te toi tu un une veux vos votre vous y à ça être
"""
_SPANISH_AND_PORTUGUESE: Final = """
al algo ao aos as com como con cuando cuál cuáles cómo da das de del desde do donde dos e el ella em en es esta estas este esto está eu
favor fazer gracias hacer hay hola isso la las lo los mais me meu meus mi minha mis mucho muy más na não nas no nos o obrigado olá os ou
para pero pode podem podría por porque posso puede puedes puedo qual quando que quiero qué se ser si sobre su sus también te tem tengo tiene
tu um uma un una uno y ya você é
"""
_ITALIAN_AND_DUTCH: Final = """
aan alla alle anche che chi ci ciao come con cosa cui dal dalla de dei del della delle deze di dit dove een ed en er gli grazie heb het
hoe i ik il in is kan kun kunt la le lo ma maar met mi mij mijn mio moet naar nel nella niet non nog o of om ook op per perché perchè più
posso puoi quale quando quanto questa questo se si sono su te ti tra u un una uno van voor waar waarom wanneer wat we welke wie wil worden
zijn zo è
"""
_RUSSIAN: Final = """
а без бы в во вы где да для до если есть ещё же за здравствуйте и из или как какая какие какой когда кто ли меня мне можно мои мой мою моя
мы на надо не нет но ну о об он от по под пожалуйста почему при привет с свои свой свою со спасибо так там то ты у уже хочу что чтобы это
этот эту я
"""

COMMON: Final = frozenset(
    " ".join((_ENGLISH, _GERMAN, _FRENCH, _SPANISH_AND_PORTUGUESE, _ITALIAN_AND_DUTCH, _RUSSIAN)).split()
)

# Chinese, Japanese and Korean write these without spaces around them; the longer ones first.
COMMON_SIGNS: Final = re.compile(
    "为什么|这么|那么|為什麼|怎么样|怎麼樣|怎么|怎麼|如何|什么|什麼|可以|请问|請問|我的|你的|能否|是否|一下|需要|应该|哪里|哪裡|"
    "教えてください|してください|ください|教えて|どうすれば|どうやって|どうして|方法|なぜ|どこ|いつ|どう|ですか|ますか|です|ます|したい|するには|する|して|"
    "하려면|방법|알려|어떻게|해야|하나요|합니까|인가요|있나요|무엇|왜|주세요|"
    "[的了吗嗎呢吧我你您请請想要是在有被把给給和与與てにをはがのもとでへかよね은는이가을를의에요]"
)
