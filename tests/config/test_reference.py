"""The tables in docs/parameters.md are those of the code."""

from paths import REPOSITORY

from wsss.config.reference import with_tables


def test_the_tables_of_parameters_md_are_up_to_date():
    page = (REPOSITORY / "docs/parameters.md").read_text()
    assert with_tables(page) == page, "run: python -m wsss.config.reference docs/parameters.md"
