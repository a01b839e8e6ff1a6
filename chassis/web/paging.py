"""Long lists, a page at a time."""


def pages_of(total: int, size: int) -> int:
    """How many pages `total` rows make; an empty list has one."""
    return max(1, -(-total // size))
