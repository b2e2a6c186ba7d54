"""Computed pictures that are no upright chest radiograph, each kind from a seed; greys are float32 in [0, 1].

They are drawings: they show what a gate does with the outline and the greys of such a picture, not how often a
hospital's own hands and abdomens would be noticed.
"""

import hashlib
from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from clinicalblip.phantom.choosing import random_phantom
from clinicalblip.phantom.draw import draw_chest
from clinicalblip.radiology.radiograph import Radiograph, View, Window

Greys = NDArray[np.float32]
WORDS = ("patient", "no", "acute", "finding", "heart", "normal", "page", "letter", "of", "the", "discharge", "summary")


def as_film(greys: Greys, view: View = View.UNKNOWN) -> Radiograph:
    """The greys as a film of 12 bits, shown through the window over all of them."""
    values = np.rint(np.clip(greys, 0.0, 1.0) * 4095).astype(np.uint16)
    digest = hashlib.sha256(str(values.shape).encode() + values.tobytes()).hexdigest()
    return Radiograph(values, Window(2048, 4096), False, view, None, digest)


def clouds(random: np.random.Generator, shape: tuple[int, int], slope: float = 1.0) -> Greys:
    """Noise whose amplitude falls with frequency as in a natural scene, scaled to [0, 1]."""
    rows, columns = np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1])[None]
    frequency = np.maximum(np.hypot(rows, columns), 1 / max(shape))
    spectrum = np.exp(2j * np.pi * random.random(frequency.shape)) / frequency**slope
    field = np.fft.irfft2(spectrum, s=shape)
    return ((field - field.min()) / np.ptp(field)).astype(np.float32)


def blurred(picture: Image.Image, radius: float) -> Greys:
    """A drawing with soft edges, in [0, 1]."""
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(radius)), dtype=np.float32) / 255.0


def exposed(greys: Greys, random: np.random.Generator, noise: float = 0.012) -> Greys:
    """The drawing with the grain of a detector."""
    return np.clip(greys + random.normal(0, noise, greys.shape), 0, 1).astype(np.float32)


def hand(seed: int) -> Greys:
    """A hand on a dark film: soft tissue around phalanges, metacarpals, wrist and two forearm bones."""
    random = np.random.default_rng((seed, 1))
    rows, columns = 640, int(random.uniform(440, 560))
    tissue, bone = Image.new("L", (columns, rows), 0), Image.new("L", (columns, rows), 0)
    soft, hard = ImageDraw.Draw(tissue), ImageDraw.Draw(bone)
    wrist = np.array([columns / 2 + random.uniform(-20, 20), 500.0])
    for number, degrees in enumerate((-52, -18, -5, 8, 22)):
        angle = np.radians(degrees + random.uniform(-4, 4))
        towards = np.array([np.sin(angle), -np.cos(angle)])
        joints = [wrist + towards * length for length in (30, 190, 290, 345, 390)[: 4 if number == 0 else 5]]
        joints = [joint * (0.85 if number == 0 else 1.0) + (wrist * 0.15 if number == 0 else 0.0) for joint in joints]
        soft.line([tuple(joint) for joint in joints], fill=95, width=int(random.uniform(44, 54)))
        soft.circle(tuple(joints[-1]), 24, fill=95)
        for start, end in pairwise(joints):
            along = (end - start) * 0.08
            hard.line([tuple(start + along), tuple(end - along)], fill=150, width=18)
            hard.circle(tuple(start + along), 13, fill=150)
            hard.circle(tuple(end - along), 11, fill=150)
    soft.ellipse((wrist[0] - 110, wrist[1] - 200, wrist[0] + 110, wrist[1] + 40), fill=110)
    soft.rectangle((wrist[0] - 70, wrist[1], wrist[0] + 70, rows), fill=105)
    for side in (-34, 34):
        hard.line([(wrist[0] + side, wrist[1] + 20), (wrist[0] + side * 1.1, rows)], fill=140, width=36)
    return exposed(0.03 + 0.9 * blurred(tissue, 6) + 0.75 * blurred(bone, 2), random)


def leg(seed: int) -> Greys:
    """A lower leg: two long bones in soft tissue, dark on either side."""
    random = np.random.default_rng((seed, 2))
    rows, columns = 720, int(random.uniform(420, 720))
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    middle = columns * random.uniform(0.4, 0.6) + random.uniform(-0.1, 0.1) * (y - rows / 2)
    wide = 105 - 40 * y / rows * random.uniform(0.7, 1.2)
    greys = 0.42 * np.sqrt(np.clip(1 - ((x - middle) / wide) ** 2, 0, 1))
    for offset, radius in ((-18, 24), (34, 11)):
        across = np.abs(x - middle - offset) / radius
        greys += 0.42 * np.clip(1 - across**4, 0, 1) - 0.16 * np.clip(1 - (across / 0.5) ** 2, 0, 1)
    return exposed(0.03 + greys, random)


def abdomen(seed: int) -> Greys:
    """An abdomen: spine and pelvis in even soft tissue, with gas in the bowel; no lungs."""
    random = np.random.default_rng((seed, 3))
    rows, columns = 620, 520
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    across = (x - columns / 2) / (columns * random.uniform(0.46, 0.56))
    greys = 0.55 * np.sqrt(np.clip(1 - across**2, 0, 1)) + 0.10 * clouds(random, (rows, columns), 1.4)
    spine = np.clip(1 - ((x - columns / 2) / 36) ** 4, 0, 1) * (y < 0.72 * rows)
    greys += spine * (0.17 + 0.06 * np.cos(y * 2 * np.pi / 62))
    bone, gas = Image.new("L", (columns, rows), 0), Image.new("L", (columns, rows), 0)
    hard, dark = ImageDraw.Draw(bone), ImageDraw.Draw(gas)
    for side in (-1, 1):
        hip = (columns / 2 + side * 115, 0.76 * rows)
        hard.ellipse((hip[0] - 78, hip[1] - 80, hip[0] + 78, hip[1] + 95), fill=110)
        dark.ellipse((hip[0] - 32 - side * 20, hip[1] + 60, hip[0] + 32 - side * 20, hip[1] + 120), fill=60)
        for number in range(2):
            start = (columns / 2 + side * 45, 20 + 45 * number)
            hard.line([start, (start[0] + side * 150, start[1] + 70)], fill=45, width=12)
    for _ in range(int(random.integers(8, 18))):
        place = random.uniform((0.2 * columns, 0.2 * rows), (0.8 * columns, 0.7 * rows))
        reach = random.uniform(14, 44, 2)
        dark.ellipse((*(place - reach), *(place + reach)), fill=int(random.uniform(50, 120)))
    return exposed(greys + 0.6 * blurred(bone, 5) - 0.6 * blurred(gas, 6), random)


def mammogram(seed: int) -> Greys:
    """A breast from one side of a dark film, with glandular tissue that fans out from the nipple."""
    random = np.random.default_rng((seed, 4))
    rows, columns = 640, 500
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    reach = np.hypot(x / (columns * random.uniform(0.6, 0.85)), (y - rows / 2) / (rows * random.uniform(0.38, 0.46)))
    inside = 1 / (1 + np.exp((reach - 1) / 0.015))
    glands = clouds(random, (rows, columns), 1.5) * np.clip(1.2 - reach, 0, 1)
    muscle = 0.35 / (1 + np.exp(np.minimum((x - 150 + y * 0.6) / 8, 50)))
    greys = inside * (0.28 + 0.75 * glands + muscle)
    return exposed(greys if random.random() < 0.5 else greys[:, ::-1], random, 0.008)


def skull(seed: int) -> Greys:
    """A skull from the front: a bright ring, eye sockets and teeth."""
    random = np.random.default_rng((seed, 5))
    rows, columns = 600, int(random.uniform(460, 560))
    bone = Image.new("L", (columns, rows), 8)
    draw = ImageDraw.Draw(bone)
    middle, wide = columns / 2, random.uniform(165, 195)
    draw.ellipse((middle - wide, 50, middle + wide, 430), fill=150)
    draw.ellipse((middle - wide + 16, 66, middle + wide - 16, 414), fill=105)
    draw.rounded_rectangle((middle - 110, 330, middle + 110, 560), 70, fill=125)
    for side in (-1, 1):
        draw.ellipse((middle + side * 70 - 42, 255, middle + side * 70 + 42, 325), fill=60, outline=170, width=5)
    draw.polygon([(middle, 310), (middle - 30, 390), (middle + 30, 390)], fill=50)
    for number in range(-4, 5):
        draw.rounded_rectangle((middle + number * 18 - 7, 430, middle + number * 18 + 7, 490), 5, fill=210)
    return exposed(blurred(bone, 4) + 0.08 * clouds(random, (rows, columns), 1.2), random)


def ct_slice(seed: int) -> Greys:
    """A CT slice through the chest: an ellipse in the dark with two lungs, heart and spine."""
    random = np.random.default_rng((seed, 6))
    body = Image.new("L", (512, 512), 0)
    draw = ImageDraw.Draw(body)
    wide, high = random.uniform(190, 235), random.uniform(130, 165)
    draw.ellipse((256 - wide, 250 - high, 256 + wide, 250 + high), fill=110)
    draw.ellipse((256 - wide + 18, 250 - high + 18, 256 + wide - 18, 250 + high - 18), fill=135)
    for side in (-1, 1):
        centre = 256 + side * wide * 0.45
        draw.ellipse((centre - wide * 0.34, 250 - high * 0.72, centre + wide * 0.34, 250 + high * 0.68), fill=25)
        for number in range(7):
            y = 250 + (number - 3) * high * 0.22
            x = 256 + side * wide * float(np.sqrt(max(0.0, 1 - ((y - 250) / high) ** 2))) * 0.92
            draw.ellipse((x - 7, y - 9, x + 7, y + 9), fill=235)
    draw.ellipse((240, 200, 330, 290), fill=165)
    draw.ellipse((226, 250 + high * 0.42, 286, 250 + high * 0.42 + 50), fill=235)
    return exposed(blurred(body, 1.5), random, 0.03)


def text_page(seed: int) -> Greys:
    """A page of print, black on white or the other way round."""
    random = np.random.default_rng((seed, 7))
    page = Image.new("L", (600, 800), 245)
    draw, size = ImageDraw.Draw(page), int(random.integers(12, 26))
    font = ImageFont.load_default(size)
    for line in range(50, 750, int(size * 1.5)):
        if random.random() > 0.12:
            words = " ".join(random.choice(WORDS, int(random.integers(2, 14))))
            draw.text((50, line), words[: 900 // size], fill=20, font=font)
    greys = np.asarray(page, dtype=np.float32) / 255
    return exposed(greys if seed % 3 else 1 - greys, random, 0.005)


def noise(seed: int) -> Greys:
    """Grains that know nothing of each other."""
    random = np.random.default_rng((seed, 8))
    if seed % 2:
        return random.random((400, 360), dtype=np.float32)
    return np.clip(random.normal(0.5, 0.15, (400, 360)), 0, 1).astype(np.float32)


def blank(seed: int) -> Greys:
    """An exposure of nothing: one grey with a little grain."""
    random = np.random.default_rng((seed, 9))
    return exposed(np.full((500, 420), random.uniform(0, 1), dtype=np.float32), random, 0.004)


def photograph(seed: int) -> Greys:
    """A landscape: sky, hills and a textured meadow with a house."""
    random = np.random.default_rng((seed, 10))
    rows, columns = 480, 640
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    ridge = rows * (0.45 + 0.12 * np.sin(x / columns * random.uniform(4, 9) + random.uniform(0, 6)))
    greys = 0.72 - 0.15 * y / rows + 0.3 * (clouds(random, (rows, columns), 1.6) - 0.5)
    meadow = 0.22 + 0.5 * clouds(random, (rows, columns), 0.6)
    greys = np.where(y > ridge, meadow, greys)
    left, top = int(random.uniform(60, 480)), int(random.uniform(230, 300))
    greys[top : top + 110, left : left + 120] = 0.85
    greys[top + 50 : top + 110, left + 45 : left + 70] = 0.12
    return exposed(greys, random, 0.02)


def icon(seed: int) -> Greys:
    """A drawing of a few flat shapes."""
    random = np.random.default_rng((seed, 11))
    picture = Image.new("L", (256, 256), int(random.choice((255, 0, 230))))
    draw = ImageDraw.Draw(picture)
    for _ in range(int(random.integers(2, 5))):
        corner, reach = random.uniform(10, 150, 2), random.uniform(50, 100, 2)
        shape = draw.ellipse if random.random() < 0.5 else draw.rectangle
        shape((*corner, *(corner + reach)), fill=int(random.integers(0, 256)))
    return np.asarray(picture, dtype=np.float32) / 255


def upside_down(seed: int) -> Greys:
    """A drawn chest with the abdomen on top."""
    return np.ascontiguousarray(draw_chest(random_phantom(90_000 + seed), 320)[::-1, ::-1])


def on_its_side(seed: int) -> Greys:
    """A drawn chest turned by a quarter, to either side."""
    return np.ascontiguousarray(np.rot90(draw_chest(random_phantom(91_000 + seed), 320), 1 if seed % 2 else 3))


NOT_CHESTS: dict[str, Callable[[int], Greys]] = {
    "hand": hand,
    "lower leg": leg,
    "abdomen": abdomen,
    "mammogram": mammogram,
    "skull": skull,
    "CT slice": ct_slice,
    "text page": text_page,
    "noise": noise,
    "blank": blank,
    "photograph": photograph,
    "icon": icon,
    "chest upside down": upside_down,
    "chest on its side": on_its_side,
}
