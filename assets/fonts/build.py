"""Makes the fonts of the pages and the PDFs from the subsets of two npm packages; README.md says why.

    npm pack @fontsource/source-serif-4@5.3.1 @fontsource/source-sans-3@5.3.1     (and unpack each)
    pip install fonttools==4.68.0 brotli==1.2.1
    python build.py <source-serif-4 package> <source-sans-3 package>
"""

import sys
import tempfile
from pathlib import Path

import brotli
from fontTools import subset
from fontTools.merge import Merger
from fontTools.ttLib import TTFont

HERE = Path(__file__).parent
WEB = HERE.parent / "static" / "fonts"
FEATURES = ["kern", "liga", "mark", "mkmk", "ccmp", "locl", "tnum", "pnum", "calt", "frac", "numr", "dnom"]
# Names that visitors type are drawn in PDFs, which have no other font to fall back to; pages have the system's.
WEB_PARTS = ["latin", "latin-ext"]
PDF_PARTS = WEB_PARTS + ["vietnamese", "greek", "cyrillic", "cyrillic-ext"]
FIXED_DATE = 3786912000  # seconds since 1904, so that the same input gives the same bytes


def merged(package, name, weight, style, wanted):
    """These parts of one face as one font."""
    with tempfile.TemporaryDirectory() as folder:
        parts = []
        for part in wanted:
            font = TTFont(Path(package) / "files" / f"{name}-{part}-{weight}-{style}.woff2")
            font.flavor = None
            parts.append(str(Path(folder) / f"{part}.ttf"))
            font.save(parts[-1])
        joined = Path(folder) / "joined.ttf"
        Merger().merge(parts).save(joined)
        return TTFont(joined, recalcTimestamp=False, lazy=False)


def is_latin(c):
    return c < 0x250 or 0x2B0 <= c <= 0x36F or 0x1E80 <= c <= 0x1E9E or 0x2000 <= c <= 0x22FF


def is_typed(c):
    """Vietnamese, Greek and Cyrillic too."""
    return is_latin(c) or 0x1E9F <= c <= 0x1EFF or 0x370 <= c <= 0x52F or 0x1F00 <= c <= 0x1FFF


def trimmed(font, wanted):
    keep = [c for c in font.getBestCmap() if wanted(c)]
    options = subset.Options(layout_features=FEATURES, hinting=False, notdef_outline=True, name_IDs=["*"])
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=keep)
    subsetter.subset(font)
    return font


def renamed(font, family, of, weight, style):
    """A subset is a modified version and may not be called "Source"."""
    face = "Italic" if style == "italic" else "SemiBold" if weight == 600 else "Regular"
    copyright_, version = font["name"].getDebugName(0), font["name"].getDebugName(5).split(";")[0]
    post = f"{family.replace(' ', '')}-{face}"
    names = {
        0: copyright_,
        1: family if weight == 400 else f"{family} SemiBold",
        2: face if weight == 400 else "Regular",
        3: f"{version};{post}",
        4: f"{family} {face}",
        5: version,
        6: post,
        10: f"Subset of Adobe's {of} text typeface, renamed as the SIL Open Font License asks of modified versions.",
        13: "This Font Software is licensed under the SIL Open Font License, Version 1.1.",
        14: "https://openfontlicense.org",
    }
    if weight != 400:
        names |= {16: family, 17: face}
    font["name"].names = []
    for key, value in names.items():
        font["name"].setName(value, key, 3, 1, 0x409)
    if "STAT" in font:
        del font["STAT"]
    font["OS/2"].usWeightClass = weight
    font["head"].created = font["head"].modified = FIXED_DATE
    return font


def main(serif, sans):
    faces = [
        (serif, "source-serif-4", "Common Ground Serif", "serif", 400, "normal"),
        (serif, "source-serif-4", "Common Ground Serif", "serif", 400, "italic"),
        (serif, "source-serif-4", "Common Ground Serif", "serif", 600, "normal"),
        (sans, "source-sans-3", "Common Ground Sans", "sans", 400, "normal"),
        (sans, "source-sans-3", "Common Ground Sans", "sans", 600, "normal"),
    ]
    WEB.mkdir(parents=True, exist_ok=True)
    for package, name, family, of, weight, style in faces:
        def made(parts, wanted):
            return renamed(trimmed(merged(package, name, weight, style, parts), wanted), family, of, weight, style)

        file = f"{name}-{weight}" + ("-italic" if style == "italic" else "")
        made(PDF_PARTS, is_typed).save(HERE / f"{file}.ttf")
        # What the program carries; the paper is set with the TTF.
        packed = brotli.compress((HERE / f"{file}.ttf").read_bytes(), quality=11, lgwin=22)
        (HERE / f"{file}.ttf.br").write_bytes(packed)
        page = made(WEB_PARTS, is_latin)
        page.flavor = "woff2"
        page.save(WEB / f"{file}.woff2")


main(*sys.argv[1:])
