"""The guide to your own pictures is two programs: their blocks run in order, on such folders."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

PAGE = Path(__file__).parents[1] / "docs" / "your_own_pictures.md"
CLASSES, BOXES = PAGE.read_text(encoding="utf-8").split("## Pictures with boxes")
BLOCKS, BOXED = (
    re.findall(r"^```python\n(.+?)^```", part, re.M | re.S) for part in (CLASSES, BOXES)
)
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


@pytest.fixture
def my_boxes(tmp_path, monkeypatch):
    """Thirty pictures of 160 × 120 with one to three red and blue rectangles; and a new one."""
    rng = np.random.default_rng(0)
    for folder in ("images", "annotations"):
        (tmp_path / "my_boxes" / folder).mkdir(parents=True)
    for i in range(30):
        image, objects = Image.new("RGB", (160, 120), "gray"), ""
        for place in rng.permutation(3)[: rng.integers(1, 4)]:
            name = ("red", "blue")[rng.integers(2)]
            left, top = 5 + 52 * place + rng.integers(8), rng.integers(5, 70)
            width, height = (36, 24) if name == "red" else (24, 40)
            image.paste(name, (int(left), int(top), int(left + width), int(top + height)))
            objects += (
                f"<object><name>{name}</name><bndbox><xmin>{left + 1}</xmin><ymin>{top + 1}</ymin>"
                f"<xmax>{left + width}</xmax><ymax>{top + height}</ymax></bndbox></object>"
            )
        image.save(tmp_path / "my_boxes" / "images" / f"{i}.png")
        (tmp_path / "my_boxes" / "annotations" / f"{i}.xml").write_text(
            f"<annotation><size><width>160</width><height>120</height></size>{objects}</annotation>"
        )
    image.save(tmp_path / "new.jpg")
    monkeypatch.chdir(tmp_path)


@pytest.mark.slow
def test_every_block_on_boxes_runs_in_order(my_boxes, capsys):
    names = {}
    exec("\n".join(BOXED), names)
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith("['blue', 'red'] (24, 96, 128, 3) ")
    measured = dict(line.split(": ") for line in printed[1:])
    assert list(measured) == ["mAP at IoU 0.5", "blue", "red", "mAP at IoU 0.5, Faster R-CNN"]
    # Rectangles of two colors and shapes on gray: both found all of them with these seeds.
    assert all(float(value) >= 0.8 for value in measured.values())
    loaded = names["keras"].saving.load_model("my_detector.keras")
    again = loaded.detect(names["new"], score_threshold=0.5)
    np.testing.assert_allclose(again[0]["boxes"], names["sure"][0]["boxes"], rtol=1e-5)


def test_every_block_of_the_page_is_found():
    for blocks, text in [(BLOCKS, CLASSES), (BOXED, BOXES)]:
        assert len(blocks) == text.count("```python") > 3
        assert text.count("```") == 2 * (len(blocks) + text.count("```text"))
