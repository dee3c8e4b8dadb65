"""The one vocabulary of amenities: slugs that are known, with their labels in both languages.

A space may name others: a slug is never refused, its label is then the slug made readable.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from mesto.contracts.text import Language, choose
from pydantic import BaseModel, ConfigDict

AMENITIES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "wifi": {"ru": "Wi-Fi", "en": "Wi-Fi"},
        "coffee": {"ru": "Кофе", "en": "Coffee"},
        "tea": {"ru": "Чай", "en": "Tea"},
        "water": {"ru": "Вода", "en": "Water"},
        "kitchen": {"ru": "Кухня", "en": "Kitchen"},
        "snacks": {"ru": "Закуски", "en": "Snacks"},
        "cafe": {"ru": "Кафе", "en": "Café"},
        "printer": {"ru": "Принтер", "en": "Printer"},
        "scanner": {"ru": "Сканер", "en": "Scanner"},
        "shower": {"ru": "Душ", "en": "Shower"},
        "lockers": {"ru": "Шкафчики", "en": "Lockers"},
        "parking": {"ru": "Парковка", "en": "Parking"},
        "bike-parking": {"ru": "Велопарковка", "en": "Bike parking"},
        "phone-booth": {"ru": "Телефонная кабина", "en": "Phone booth"},
        "phone-booths": {"ru": "Телефонные кабины", "en": "Phone booths"},
        "meeting-room": {"ru": "Переговорная", "en": "Meeting room"},
        "projector": {"ru": "Проектор", "en": "Projector"},
        "whiteboard": {"ru": "Маркерная доска", "en": "Whiteboard"},
        "monitor": {"ru": "Монитор", "en": "Monitor"},
        "monitors": {"ru": "Мониторы", "en": "Monitors"},
        "standing-desks": {"ru": "Столы для работы стоя", "en": "Standing desks"},
        "air-conditioning": {"ru": "Кондиционер", "en": "Air conditioning"},
        "terrace": {"ru": "Терраса", "en": "Terrace"},
        "lounge": {"ru": "Зона отдыха", "en": "Lounge"},
        "library": {"ru": "Библиотека", "en": "Library"},
        "gym": {"ru": "Спортзал", "en": "Gym"},
        "pets": {"ru": "Можно с животными", "en": "Pets welcome"},
        "pet-friendly": {"ru": "Можно с питомцами", "en": "Pet friendly"},
        "accessible": {"ru": "Доступная среда", "en": "Accessible"},
        "wheelchair-access": {"ru": "Вход без ступеней", "en": "Step-free access"},
        "reception": {"ru": "Ресепшен", "en": "Reception"},
        "security": {"ru": "Охрана", "en": "Security"},
        "24-7": {"ru": "Круглосуточно", "en": "Open 24/7"},
        "quiet": {"ru": "Тихая зона", "en": "Quiet zone"},
        "mail": {"ru": "Приём почты", "en": "Mail handling"},
    }
)


class AmenityLabel(BaseModel):
    """An amenity with its label in the language of the answer."""

    model_config = ConfigDict(frozen=True)

    slug: str
    label: str


def amenity_label(slug: str, language: Language) -> str:
    """Return the label of an amenity; of a slug that is not known, its words: "roof-garden" is "Roof garden"."""
    return choose(AMENITIES.get(slug), language) or slug.replace("-", " ").capitalize()


def amenity_labels(slugs: list[str], language: Language) -> list[AmenityLabel]:
    """Return the labels of a space's amenities, in their order."""
    return [_labelled(slug, language) for slug in slugs]


@lru_cache(maxsize=4096)  # the same few dozen in every card of every list
def _labelled(slug: str, language: Language) -> AmenityLabel:
    return AmenityLabel(slug=slug, label=amenity_label(slug, language))
