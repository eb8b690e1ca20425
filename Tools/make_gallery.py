#!/usr/bin/env python3
"""Makes docs/gallery.html: four pictures of four concepts each, as in RePIC's gallery, and two that
should not fool anybody. Everything is done by commands a user has, on the sample pictures, in a
library that is thrown away: concepts are registered, the embedded model captions (with no seed to
choose from: the likeliest words), and 'studio report' writes the page.

    Tools/make_gallery.py .build/release/studio docs/gallery.html [--screens docs/screens]

--screens takes pictures of the page with Chromium, as wide as a phone and as a desktop.
"""

import argparse
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

SAMPLES = Path(__file__).resolve().parent.parent / "Samples"
FOUR_EACH = ["query_16", "query_17", "query_18", "query_19"]
# Two in view among look-alikes that are offered too, and a picture of nobody.
HARDER = ["query_12", "query_20"]
NOTE = (
    "The drawings are from the Open Clip Art Library (public domain) and Noto Color Emoji "
    "(copyright Google Inc., SIL Open Font License 1.1); the pictures were composed of them. Which "
    "is which is written in Samples/LICENSES.md.\n"
    "Captions by the embedded model, unedited. Boxes are the truth, not the model's."
)


def studio(program, home, *arguments):
    command = [program, *arguments, "--home", home, "--quiet"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def take_screens(page, folder):
    from PIL import Image, ImageChops

    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if not browser:
        return print("no Chromium, so no pictures of the page")
    for name, width in [("phone", 390), ("desktop", 1280)]:
        picture = Path(folder) / f"gallery-{name}.png"
        subprocess.run(
            [
                browser, "--headless", "--no-sandbox", "--hide-scrollbars", "--disable-gpu",
                f"--screenshot={picture}", f"--window-size={width},6000", page.resolve().as_uri(),
            ],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        image = Image.open(picture).convert("RGB")
        paper = Image.new("RGB", image.size, image.getpixel((0, image.height - 1)))
        bottom = ImageChops.difference(image, paper).getbbox()[3]
        image = image.crop((0, 0, width, min(image.height, bottom + 16)))
        image.quantize(255).save(picture, optimize=True)
        print(f"{picture}: {image.width}x{image.height}, {picture.stat().st_size // 1024} KiB")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("studio")
    parser.add_argument("out")
    parser.add_argument("--screens")
    arguments = parser.parse_args()
    program, out = arguments.studio, arguments.out
    truth = json.loads((SAMPLES / "truth.json").read_text())
    concepts = truth["concepts"]
    queries = {Path(query["file"]).stem: query for query in truth["queries"]}
    with tempfile.TemporaryDirectory() as folder:
        shown = []
        for stem in FOUR_EACH + HARDER:
            query = queries[stem]
            given = [object["concept"] for object in query["objects"]]
            given += query["suggested_absent"][: 4 - len(given)]
            shown.append((query, given))
        for place in dict.fromkeys(place for _, given in shown for place in given):
            concept = concepts[place]
            studio(
                program, folder, "concept", "add", concept["name"], SAMPLES / concept["file"],
                "--info", concept["info"], "--category", concept["category"],
            )
        boxes = []
        for query, given in shown:
            names = [part for place in given for part in ("--concept", concepts[place]["name"])]
            studio(program, folder, "caption", SAMPLES / query["file"], *names)
            boxes.append(
                {
                    "image": query["file"],
                    "boxes": [{"name": o["name"], "box": o["box"]} for o in query["objects"]],
                }
            )
        boxes_file = Path(folder) / "boxes.json"
        boxes_file.write_text(json.dumps(boxes))
        studio(
            program, folder, "report", out, "--force", "--captions", f"1-{len(shown)}",
            "--boxes", boxes_file, "--title", "Four at a time",
            "--introduction",
            "A small model that runs on a laptop's processor was shown one picture of each of these "
            "for the first time, and then asked to describe pictures they are in. In the last two "
            "it was also offered some who are not there.",
            "--note", NOTE,
        )
        print(f"{out}: {Path(out).stat().st_size // 1024} KiB")
    if arguments.screens:
        take_screens(Path(out), arguments.screens)


if __name__ == "__main__":
    main()
