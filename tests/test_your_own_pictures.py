"""The guide to your own pictures is one program: its blocks run in order, on such a folder."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

PAGE = Path(__file__).parents[1] / "docs" / "your_own_pictures.md"
BLOCKS = re.findall(r"^```python\n(.+?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S)
# What the page says, and what makes it quick.
QUICKER = {
    "size = 224": "size = 56",
    "size=224": "size=56",
    "epochs=50": "epochs=12",
    "epochs=5,": "epochs=1,",
}


@pytest.fixture
def my_pictures(tmp_path, monkeypatch):
    """Ten pictures of stripes and ten of checks, 90 × 70 pixels, and a new one."""
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:70, :90]
    for name, pattern in [
        ("stripes", columns // 9 % 2),
        ("checks", (rows // 9 + columns // 9) % 2),
    ]:
        (tmp_path / "my_pictures" / name).mkdir(parents=True)
        for i in range(10):
            pixels = 255 * np.roll(pattern, i)[..., None] * rng.uniform(0.5, 1, 3)
            noisy = np.clip(pixels + rng.normal(0, 10, pixels.shape), 0, 255).astype(np.uint8)
            Image.fromarray(noisy).save(tmp_path / "my_pictures" / name / f"{i}.jpg")
    Image.fromarray(noisy[:, ::-1]).save(tmp_path / "new.jpg")  # checks, mirrored
    monkeypatch.chdir(tmp_path)


@pytest.mark.slow
@pytest.mark.tensorflow  # whose tf.data feeds the variations
def test_every_block_of_the_page_runs_in_order(my_pictures, capsys):
    quick = BLOCKS
    for said, quicker in QUICKER.items():
        assert any(said in block for block in quick)
        quick = [block.replace(said, quicker) for block in quick]
    names, later = {}, {}
    exec("\n".join(quick[:-1]), names)
    exec(quick[-1], later)  # "in another program"
    printed = capsys.readouterr().out
    assert printed.startswith("['checks', 'stripes'] (16, 56, 56, 3) (4, 56, 56, 3)\n")
    assert names["accuracy"] == 1 and "right: 100.0% of 4\n" in printed
    assert len(names["as_arrays"]) == 5
    assert not any(
        np.allclose(varied, names["first"][0], atol=0.01) for varied in names["as_arrays"].values()
    )
    assert "is taken for" not in printed
    np.testing.assert_allclose(names["together"].sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(names["five"].sum(axis=1), 1, atol=1e-5)
    assert names["larger"].files_test == names["pictures"].files_test
    expected = names["model"].predict(later["new"][None], verbose=0)[0]
    np.testing.assert_allclose(later["probabilities"], expected, atol=1e-5)
    assert printed.splitlines()[-1].startswith("checks (")


def test_every_block_of_the_page_is_found():
    text = PAGE.read_text(encoding="utf-8")
    assert len(BLOCKS) == text.count("```python") > 5
    assert text.count("```") == 2 * (len(BLOCKS) + text.count("```text"))
