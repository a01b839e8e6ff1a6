import pytest

from chassis.web.paging import pages_of


@pytest.mark.parametrize(("total", "pages"), [(0, 1), (1, 1), (20, 1), (21, 2), (40, 2), (41, 3)])
def test_every_row_has_a_page_and_no_page_but_the_first_is_empty(total: int, pages: int) -> None:
    assert pages_of(total, 20) == pages
