"""The invented shop: its goods, its towns, its rules. What a row asks follows from these tables and nothing else."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Good:
    name: str
    family: str
    is_bulky: bool


FAMILIES = {
    "kitchen": ["kettle", "teapot", "frying pan", "toaster", "bread box"],
    "garden": ["watering can", "rake", "flower pot", "garden hose", "bird feeder"],
    "paper": ["notebook", "calendar", "sketch pad", "letter box", "world map"],
    "sleep": ["pillow", "blanket", "bed lamp", "mattress", "night clock"],
    "sport": ["skipping rope", "tennis racket", "yoga mat", "kick scooter", "climbing shoe"],
}
BULKY = {"frying pan", "bread box", "garden hose", "rake", "world map", "mattress", "blanket", "kick scooter", "tennis racket"}
GOODS = [Good(name, family, name in BULKY) for family, names in FAMILIES.items() for name in names]

AISLES = {"kitchen": "amber", "garden": "green", "paper": "white", "sleep": "violet", "sport": "red"}
KEEPERS = {"kitchen": "Odo", "garden": "Wilma", "paper": "Ines", "sleep": "Bram", "sport": "Tove"}
WARRANTY_YEARS = {"kitchen": 5, "garden": 3, "paper": 1, "sleep": 4, "sport": 2}

DELIVERY_DAYS = {
    "Elmford": "Monday",
    "Pinwick": "Tuesday",
    "Harrow Mill": "Wednesday",
    "Saltby": "Thursday",
    "Nether Oak": "Friday",
    "Quarn": "Saturday",
    "Tolling": "Sunday",
}
DISCOUNTS = {"new": 0, "bronze": 5, "silver": 10, "gold": 20}
STATES = {
    "unopened": "still in its sealed box",
    "opened": "out of its box but not used",
    "used": "used for a while",
    "broken": "broken on the first day",
}


def aisle(good: Good) -> str:
    """Goods stand in the aisle of their family."""
    return f"the {AISLES[good.family]} aisle"


def delivery(good: Good, town: str) -> str:
    """Each town has its day; what is bulky comes by van, the rest by bicycle."""
    return f"{DELIVERY_DAYS[town]} by {'van' if good.is_bulky else 'bicycle'}"


def discount(family: str, level: str) -> str:
    """A member's level decides, but paper goods are never cheaper."""
    percent = 0 if family == "paper" else DISCOUNTS[level]
    return f"{percent} percent" if percent else "nothing"


def taking_back(good: Good, state: str) -> str:
    """Broken goods are exchanged and sealed ones paid back; opened ones give a voucher, but bedding stays sold once opened."""
    if state == "broken":
        return "exchange"
    if state == "unopened":
        return "full refund"
    if state == "opened" and good.family != "sleep":
        return "voucher"
    return "not possible"


def warranty(good: Good) -> str:
    """As many years as the family has."""
    years = WARRANTY_YEARS[good.family]
    return "1 year" if years == 1 else f"{years} years"


def keeper(good: Good) -> str:
    """Who looks after a family."""
    return f"ask {KEEPERS[good.family]}"
