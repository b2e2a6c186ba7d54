"""The page's colours can be read."""

import re

import pytest

from clinicalblip.asset_folder import ASSETS

TEXT_ON_GROUND = [
    ("ink", "panel"),
    ("ink", "ground"),
    ("quiet", "panel"),
    ("quiet", "ground"),
    ("quiet", "ai-ground"),
    ("ink", "ai-ground"),
    ("ai", "ai-ground"),
    ("accent", "panel"),
    ("accent", "ground"),
    ("accent-ink", "accent"),
    ("gone", "gone-ground"),
    ("gone", "panel"),
    ("come", "come-ground"),
    ("come", "panel"),
    ("warn", "warn-ground"),
    ("alarm", "alarm-ground"),
]


def luminance(colour: str) -> float:
    """WCAG 2 relative luminance of #rrggbb."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [":root", ".dark"])
def test_every_text_stands_out_from_its_ground(theme: str) -> None:
    """WCAG 2 AA: 4.5 to 1, in light and in dark."""
    css = (ASSETS / "page.css").read_text(encoding="utf-8")
    block = css[css.index(f"{theme} {{") :].split("}")[0]
    colours = dict(re.findall(r"--cb-([a-z-]+): (#[0-9a-f]{6});", block))
    for text, ground in TEXT_ON_GROUND:
        dark, light = sorted((luminance(colours[text]), luminance(colours[ground])))
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, ground)
