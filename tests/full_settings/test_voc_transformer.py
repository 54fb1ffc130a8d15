import pytest
from full_settings.whole_way import check_whole_way


@pytest.mark.slow
@pytest.mark.full
def test_settings_of_the_paper_get_to_a_val_miou(tmp_path):
    check_whole_way(tmp_path, "voc", "transformer", photos=32, heads=["large_fov"])
