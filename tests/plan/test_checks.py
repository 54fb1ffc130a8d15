"""What is refused before anything runs."""

from pathlib import Path

import pytest

from wsss.errors import InputError
from wsss.plan.checks import check_place


@pytest.mark.parametrize("folder", ["/a/{b}/c", "/{", "/x}y"])
def test_a_folder_whose_path_has_braces_is_refused(folder):
    with pytest.raises(InputError, match="braces"):
        check_place(Path(folder))


@pytest.mark.parametrize("folder", ["/a b/c", "/it's", "/größe", "/$HOME", "/a;b"])
def test_any_other_folder_will_do(folder):
    check_place(Path(folder))
