"""The words around a price in the languages of coworkings' sites: units of time, what leads to them, deposits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from mesto.contracts.money import Per

REPRESENTED: Final[dict[str, Per]] = {"hour": "hour", "day": "day", "month": "month"}
"""Units that a price can have; all others are known so that nothing is read for them."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# language: {unit: nouns | adverbs}. Adverbs say the unit by themselves, wherever they stand.
_UNITS: dict[str, dict[str, tuple[str, str]]] = {
    "en": {
        "hour": ("hr hrs hour hours", "hourly"),
        "day": ("day days", "daily pd"),
        "month": ("month months mo mth mon", "monthly pcm pm"),
        "week": ("week weeks wk wee", "weekly pw"),
        "year": ("year years yr annum ann", "yearly annually annual pa"),
        "minute": ("minute minutes mins", ""),
        "visit": ("visit visits session sessions night nights weekend weekends quarter", "quarterly halfday nightly"),
    },
    "ru": {
        "hour": ("час ч часа часов", "почасово почасовая почасовой"),
        "day": ("день дня дней дн сутки сут суток дневной", "посуточно ежедневно"),
        "month": ("мес месяц месяца месяцев", "ежемесячно помесячно помесячная"),
        "week": ("нед неделю неделя недели недель", "еженедельно"),
        "year": ("год года лет", "ежегодно"),
        "minute": ("мин минуту минута минуты минут", "поминутно"),
        "visit": ("посещение посещения посещений визит визита раз полдня ночь квартал", "поквартально"),
    },
    "de": {
        "hour": ("stunde stunden std", "stündlich"),
        "day": ("tag tage tagen tagespass tageskarte tagesticket", "täglich tgl ganztags"),
        "month": ("monat monate monaten mon", "monatlich mtl"),
        "week": ("woche wochen", "wöchentlich"),
        "year": ("jahr jahre", "jährlich"),
        "minute": ("minuten", ""),
        "visit": ("nacht quartal halbtag", "halbtags vierteljährlich"),
    },
    "es": {
        "hour": ("hora horas", ""),
        "day": ("día días dia dias jornada", "diario diaria"),
        "month": ("mes meses", "mensual mensuales mensualmente"),
        "week": ("semana semanas", "semanal"),
        "year": ("año años", "anual"),
        "minute": ("minuto minutos", ""),
        "visit": ("noche visita trimestre", "trimestral"),
    },
    "fr": {
        "hour": ("heure heures", ""),
        "day": ("jour jours journée journées", "journalier quotidien"),
        "month": ("mois", "mensuel mensuelle mensuels"),
        "week": ("semaine semaines", "hebdomadaire"),
        "year": ("ans année", "annuel"),
        "visit": ("nuit visite trimestre demi-journée", "trimestriel"),
    },
    "pl": {
        "hour": ("godz godzina godzinę godziny godzin", "godzinowo"),
        "day": ("dzień dni doba dobę", "dziennie"),
        "month": ("mies miesiąc miesiąca miesiące mc", "miesięcznie"),
        "week": ("tydzień tygodni tyg", "tygodniowo"),
        "year": ("rok roku", "rocznie"),
        "visit": ("wizyta wizyt noc kwartał", ""),
    },
    "tr": {
        "hour": ("saat", "saatlik saatliği"),
        "day": ("gün", "günlük günlüğü"),
        "month": ("ay", "aylık aylığı"),
        "week": ("hafta", "haftalık"),
        "year": ("yıl", "yıllık"),
        "minute": ("dakika", "dakikalık"),
        "visit": ("gece giriş", ""),
    },
    "it": {
        "hour": ("ora ore", ""),
        "day": ("giorno giorni giornata", "giornaliero giornaliera"),
        "month": ("mese mesi", "mensile"),
        "week": ("settimana settimane", "settimanale"),
        "year": ("anno anni", "annuale"),
    },
    "pt": {
        "hour": ("hora horas", ""),
        "day": ("dia dias", "diária diário"),
        "month": ("mês meses", "mensal"),
        "week": ("semana semanas", "semanal"),
        "year": ("ano anos", "anual"),
    },
    "nl": {
        "hour": ("uur uren", ""),
        "day": ("dag dagen", ""),
        "month": ("maand maanden", "maandelijks"),
        "week": ("week weken", ""),
        "year": ("jaar", ""),
    },
    # In all languages: abbreviations, UN/CEFACT's and ISO 8601's.
    "": {
        "hour": ("h hur pt1h", ""),
        "day": ("d p1d", ""),
        "month": ("p1m", ""),
        "week": ("p1w p7d", ""),
        "year": ("p1y", ""),
        "minute": ("min pt1m", ""),
    },
}
_LEADS: dict[str, str] = {
    "en": "per each every an",
    "ru": "в за на каждый каждые",
    "de": "pro je im am",
    "es": "por al cada",
    "fr": "par le",
    "pl": "za",
    "it": "al per",
    "pt": "por ao",
    "nl": "per",
    "": "/ a à na la l p",
}
_FROM: dict[str, str] = {
    "en": "from starting at price prices rate rates fee cost costs only just",
    "ru": "от цена цены стоимость тариф стоит всего с по",
    "de": "ab preis preise",
    "es": "desde precio precios",
    "fr": "dès partir tarif tarifs prix",
    "pl": "od cena",
    "tr": "başlayan fiyat fiyatı fiyatlarla itibaren den dan",
    "it": "da prezzo",
    "pt": "preço",
    "nl": "vanaf prijs",
    "": "a ca i de",
}
_TAX: dict[str, str] = {
    "en": "vat gst incl excl inc exc including excluding ex plus tax taxes",
    "ru": "ндс без с включая вкл",
    "de": "zzgl inkl exkl mwst ust netto brutto zuzüglich inklusive",
    "es": "iva más incluido",
    "fr": "tva ht ttc hors taxe taxes",
    "pl": "netto brutto plus",
    "tr": "kdv dahil hariç",
    "it": "iva esclusa inclusa",
    "": "+",
}
_LABELS: dict[str, str] = {
    "en": "pass ticket membership desk hot dedicated fixed flex room meeting office private space coworking person "
    "seat team member",
    "ru": "абонемент аренда место места рабочее стол кабинет офис переговорная коворкинг билет человека чел",
    "de": "ticket karte fix flex desk schreibtisch arbeitsplatz platz",
    "es": "pase bono puesto mesa sala oficina despacho persona",
    "fr": "pass poste bureau salle abonnement personne",
    "pl": "biurko karnet sala osoba osobę",
    "tr": "masa oda kişi",
    "it": "postazione scrivania ufficio",
    "": "",
}
RANGE: Final = frozenset({"-", "–", "—", "‒", "до", "to", "bis", "hasta", "do", "à", "a"})
"""What stands between the two ends of a range."""
NO_PRICE: Final = _set(
    "deposit deposits off save discount discounts refund refundable setup registration joining penalty trial "
    "залог залога депозит депозита скидка скидкой скидку скидки экономия экономьте выгода штраф чек бонус кэшбэк "
    "регистрация предоплата kaution rabatt sparen fianza descuento ahorra depósito matrícula caution remise "
    "réduction kaucja rabat zniżka depozyto deposito sconto indirim caução desconto"
)
"""An amount beside one of these is not what a unit of time costs."""
LEAST: Final = _set("min minimum minimal минимум минимально мин minimo mínimo mindestens minimalnie least")
AREA: Final = _set("м² м2 m² m2 кв квм sqm sqft sq ft qm metre meter метр")
TIMES: Final[dict[str, int]] = {
    **dict.fromkeys(("тыс", "тысяч", "тысячи", "т", "k", "к", "tsd", "tys", "mil", "bin", "thousand"), 1_000),
    **dict.fromkeys(("млн", "mln", "mio", "million", "m", "м"), 1_000_000),
}
ONE: Final = _set("один одну одни one einem einen einer un uno una une jeden jedną bir")


def _languages(table: dict[str, str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for language, words in table.items():
        for word in words.split():
            found.setdefault(word, set()).update({language} - {""})
    return {word: frozenset(languages) for word, languages in found.items()}


def _units() -> tuple[dict[str, str], dict[str, frozenset[str]], frozenset[str]]:
    units: dict[str, str] = {}
    languages: dict[str, set[str]] = {}
    adverbs: set[str] = set()
    for language, table in _UNITS.items():
        for unit, (nouns, sayings) in table.items():
            for word in (*nouns.split(), *sayings.split()):
                units.setdefault(word, unit)
                languages.setdefault(word, set()).update({language} - {""})
            adverbs.update(sayings.split())
    return units, {word: frozenset(found) for word, found in languages.items()}, frozenset(adverbs)


UNITS, _OF_UNITS, ADVERBS = _units()
LEADS: Final = _languages(_LEADS)
FROM: Final = _languages(_FROM)
TAX: Final = _languages(_TAX)
LABELS: Final = _languages(_LABELS)
_SPOKEN = (_OF_UNITS, LEADS, FROM, TAX, LABELS)
_CYRILLIC = frozenset({"ru"})


def known(word: str) -> bool:
    """Return whether a word is one that stands around prices and names no currency."""
    return word in NO_PRICE or word in LEAST or any(word in table for table in _SPOKEN)


def spoken(words: Iterable[str]) -> list[frozenset[str]]:
    """Return the languages of those words that are of a few; Cyrillic ones write numbers as Russian does."""
    found = []
    for word in words:
        languages = frozenset[str]().union(*(table.get(word, frozenset()) for table in _SPOKEN))
        if any("а" <= letter <= "я" or letter == "ё" for letter in word):
            languages = _CYRILLIC
        if languages:
            found.append(languages)
    return found
