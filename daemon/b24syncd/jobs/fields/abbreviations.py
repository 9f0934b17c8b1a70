"""Words that keep their own spelling when a text gets other capitals: forms of companies, firms, numerals."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_RUSSIAN = """
ООО ОДО ЗАО ОАО ПАО НАО АО ИП ТОО ОсОО ЧУП ЧП УП РУП КУП ГУП МУП ФГУП ФГБУ ФГБОУ ГБУ ГБОУ МБОУ МБУ МКУ МАУ АНО НКО НОУ
ТСЖ СНТ КФХ ТД ТК ТЦ ТРЦ БЦ ГК УК ПК СК НПО НПП НПФ НИИ КБ ЖК ЖКХ ЖЭК АЗС СМУ ПМК МФЦ ФОК ДК
РФ США СССР СНГ ЕАЭС МВД МЧС ФСБ ФНС ФСС ПФР РЖД МТС ВТБ НДС ИНН КПП ОГРН ОГРНИП БИК ОКПО ЭЦП ЭДО
МГУ СПбГУ МГТУ РАН КамАЗ УАЗ ВАЗ НЛМК ММК ТНК СПб МСК ЕКБ ФОП ТзОВ
"""
"""Of Russia and its neighbours. Not here: what is also a word or a name of its own (`ГАЗ`, `ИЛ`, `СТО`, `ТОВ`)."""

_LATIN = """
LLC LLP LP PLC GmbH mbH KG OHG UG eG SARL SRL SpA BV NV ApS UAB OÜ
IBM BMW VW LG HP SAP DHL UPS TNT BASF ABB AEG KFC AMD HSBC UBS KPMG BBC CNN NASA JBL MTS VTB
USA UAE EU VIP CEO CTO CFO COO CRM ERP SEO SMM HR B2B B2C PC TV GPS USB PDF URL HTTP WWW DIY FMCG
II III IV VII VIII IX XII XIII XIV XV XVI XVII XVIII XIX XX XXI
"""
"""Not here: what is also a word or a name (`IT`, `US`, `AS`, `SA`, `SIA`, `LED`, `LI`)."""

NUMERALS = frozenset(("vi", "xi"))
"""Numerals that are also names: those only behind another word."""

BUILT_IN = (*_RUSSIAN.split(), *_LATIN.split())

_PARTICLES_WORDS = """
von vom zu zum zur van der den ter ten de del della di da das dos do du des la las les lo los el al ul bin ibn
ben bint abu und and the of for in on at to by or für mit et y и в во на с со ко по для от до из об при без
за под над или но да де дель дела делла ди дю ду дос фон цу ван дер ден тер тен ла ле лос аль эль ас аш ибн бин бен
та і й в із зі до від
"""
PARTICLES = frozenset(_PARTICLES_WORDS.split())
"""Words that are written small inside of names and titles."""

_SUFFIXES_WORDS = """
оглы оглу кызы гызы улы ұлы оғлу заде qizi oglu oğlu o'g'li zade
"""
SUFFIXES = frozenset(_SUFFIXES_WORDS.split())
"""Words that are written small behind a name, also as the last one."""

_ORDINALS_WORDS = """
й я е го му ый ий ой ая ое ые ых ым ом ти ми st nd rd th er ère
"""
ORDINALS = frozenset(_ORDINALS_WORDS.split())
"""What stands behind a number and a hyphen."""


def spellings(own: Iterable[str] = ()) -> Mapping[str, str]:
    """Return how words are spelt, by their folded form; a person's `own` win over those that are built in."""
    return {word.casefold(): word for word in (*BUILT_IN, *own)}
