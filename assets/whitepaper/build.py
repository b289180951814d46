"""Compiles paper.typ to a tagged PDF (PDF/UA-1) and the cover and first text page to small pictures."""

import io
from datetime import datetime, timezone

import typst
from PIL import Image

PDF = "creating-effective-strategic-partnerships.pdf"
DATE = int(datetime(2026, 11, 24, tzinfo=timezone.utc).timestamp())
PICTURES = {1: "cover.png", 3: "page-1.png"}
# Shown at up to 290 points of the screen, on screens of two pixels a point.
WIDTH = 580

compiler = {
    "input": "paper.typ",
    "font_paths": ["../fonts"],
    "ignore_system_fonts": True,
    "timestamp": DATE,
}

typst.compile(**compiler, output=PDF, format="pdf", pdf_standards="ua-1")

# A4 is 595.28 points wide; render at twice the size and scale down, so that small type stays readable.
pages = typst.compile(**compiler, format="png", ppi=2 * WIDTH / 595.28 * 72)
for number, name in PICTURES.items():
    page = Image.open(io.BytesIO(pages[number - 1])).convert("RGB")
    height = round(page.height * WIDTH / page.width)
    small = page.resize((WIDTH, height), Image.Resampling.LANCZOS)
    small.quantize(64, dither=Image.Dither.NONE).save(name, optimize=True)
