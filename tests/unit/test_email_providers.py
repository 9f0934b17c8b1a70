"""Providers of the world: their addresses stay, and the usual misspellings of the large ones are asked about."""

from __future__ import annotations

import pytest

from b24syncd.domain.rules import EmailRules
from b24syncd.jobs.emails.addresses import read
from b24syncd.jobs.reading import Reading

HONEST = """
mail.ru inbox.ru list.ru bk.ru internet.ru xmail.ru yandex.ru yandex.com yandex.by yandex.kz yandex.uz ya.ru
narod.ru rambler.ru lenta.ru autorambler.ru myrambler.ru ro.ru gmail.com googlemail.com icloud.com me.com mac.com
outlook.com outlook.fr outlook.com.br outlook.co.id hotmail.com hotmail.co.uk hotmail.com.tr hotmail.co.jp live.com
live.co.uk live.com.mx msn.com windowslive.com yahoo.com yahoo.co.jp yahoo.com.br yahoo.co.in yahoo.com.tr yahoo.ca
ymail.com rocketmail.com aol.com aim.com gmx.de gmx.net gmx.at gmx.co.uk web.de t-online.de t-online.hu freenet.de
arcor.de posteo.de mailbox.org orange.fr wanadoo.fr wanadoo.es wanadoo.nl wanadoo.co.uk free.fr laposte.net sfr.fr
neuf.fr bbox.fr btinternet.com sky.com talktalk.net comcast.net verizon.net att.net sbcglobal.net cox.net mail.com
zoho.com fastmail.fm protonmail.com proton.me pm.me tuta.io uol.com.br bol.com.br terra.com.br ig.com.br
rediffmail.com in.com wp.pl onet.pl onet.eu o2.pl interia.eu gazeta.pl op.pl ukr.net i.ua meta.ua bigmir.net
email.ua tut.by mynet.com qq.com vip.qq.com foxmail.com 163.com 126.com sina.cn yeah.net 189.cn docomo.ne.jp
ezweb.ne.jp i.softbank.jp nifty.com naver.com hanmail.net daum.net seznam.cz email.cz post.cz azet.sk libero.it
virgilio.it alice.it tin.it telenet.be ziggo.nl bluewin.ch a1.net freemail.hu citromail.hu abv.bg inbox.lv inbox.lt
mail.ee hot.ee telia.com online.no sapo.pt walla.co.il mail.kz umail.uz rogers.com bell.net bigpond.com xtra.co.nz
gmail.hu email.com hey.com duck.com firm.company firm.photography firm.koeln firm.moscow firm.gmbh firm.io firm.ai
firm.com.ua firm.spb.ru firm.waw.pl firm.av.tr почта.рф сайт.москва сайт.бел müller.de xn--mller-kva.de 例え.jp 中国.cn
"""

MISSPELT = {
    "gmail.com": """
        gmial.com gamil.com gmai.com gnail.com gmaill.com gmsil.com gmail.cim gmail.con gmail.co gmail..com
        gmailc.om""",
    "yandex.ru": "yandx.ru yandex.tu yandex.ri yadex.ru yandeks.ru yandex.rru yandex.ur yandexru yandexr.u",
    "mail.ru": "mail.tu mail.ri mail.rru mail.ur mail..ru mailru mai.ru maill.ru meil.ru mial.ru",
    "hotmail.com": "hotmial.com hotmil.com hotmal.com homail.com hotmail.con hotmail.cim hotmaill.com hormail.com",
    "yahoo.com": "yaho.com yahooo.com yhoo.com yahoo.con yaboo.com",
    "outlook.com": "outlok.com otlook.com outlook.con outllok.com outlookcom",
    "protonmail.com": "protonmail.co",
    "icloud.com": "iclod.com icoud.com icloud.con icloud.co icloude.com",
}


@pytest.mark.parametrize("domain", HONEST.split())
def test_honest_addresses_stay(domain: str) -> None:
    for local in ("i.v.a.n", "info+crm", "o'brien"):
        assert read(f"{local}@{domain}", EmailRules()) == Reading((f"{local}@{domain}",))


@pytest.mark.parametrize(
    ("written", "meant"), [(written, meant) for meant, some in MISSPELT.items() for written in some.split()]
)
def test_the_usual_misspellings_are_asked_about(written: str, meant: str) -> None:
    reading = read(f"ivan@{written}", EmailRules())
    assert (reading.values, reading.suggestion) == ((), f"ivan@{meant}")
