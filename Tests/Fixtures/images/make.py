"""Makes the sample pictures of this folder with Pillow and a small PNG writer of its own.

    pip install pillow && python3 make.py

Two pictures are drawn: `quadrants`, 48 x 32, four flat colours (red, green / blue, yellow), which
survive lossy coding; and `pattern`, a formula of x and y that a test can compute again. Everything
that stands for private data contains the word SECRET.
"""

import io
import os
import struct
import zlib

from PIL import Image, ImageCms

HERE = os.path.dirname(os.path.abspath(__file__))


def path(name):
    return os.path.join(HERE, name)


def write(name, data):
    with open(path(name), "wb") as file:
        file.write(data)


def quadrants():
    image = Image.new("RGB", (48, 32))
    for box, color in [((0, 0, 24, 16), (220, 30, 30)), ((24, 0, 48, 16), (30, 160, 50)),
                       ((0, 16, 24, 32), (40, 60, 200)), ((24, 16, 48, 32), (230, 210, 40))]:
        image.paste(color, box)
    return image


def pattern(x, y):
    return (x * 29 % 256, y * 31 % 256, x * y * 7 % 256)


# ---------------------------------------------------------------- PNG by hand
def chunk(name, payload):
    body = name + payload
    return struct.pack(">I", len(payload)) + body + struct.pack(">I", zlib.crc32(body))


def png(width, height, depth, color, rows, extra=b"", interlaced=0, tail=b""):
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlaced)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra
            + chunk(b"IDAT", zlib.compress(rows + tail, 9)) + chunk(b"IEND", b""))


def interlaced(width, height):
    """Adam7, RGB."""
    rows = b""
    for x0, y0, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4),
                           (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
        for y in range(y0, height, dy):
            row = b"".join(bytes(pattern(x, y)) for x in range(x0, width, dx))
            rows += b"\0" + row if row else b""
    return png(width, height, 8, 2, rows, interlaced=1)


def by_hand():
    for width, height in [(1, 1), (2, 1), (1, 2), (1, 5), (3, 5), (5, 3), (8, 8), (9, 17)]:
        write(f"interlaced-{width}x{height}.png", interlaced(width, height))
    plain = b"".join(b"\0" + b"".join(bytes(pattern(x, y)) for x in range(9)) for y in range(17))
    write("plain.png", png(9, 17, 8, 2, plain))
    write("more-than-its-rows.png", png(9, 17, 8, 2, plain, tail=bytes(1 << 20)))
    write("fewer-rows.png", png(9, 17, 8, 2, plain[:-28]))
    levels = [0, 127, 128, 129, 255, 256, 385, 32767, 32768, 65406, 65407, 65535]
    grey = b"\0" + b"".join(struct.pack(">H", v) for v in levels)
    write("grey16.png", png(len(levels), 1, 16, 0, grey))
    rgba = b"\0" + struct.pack(">4H", 65535, 32768, 0, 65535) + struct.pack(">4H", 257, 514, 771, 257)
    write("rgba16.png", png(2, 1, 16, 6, rgba))
    palette = chunk(b"PLTE", bytes([255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 8, 7]))
    write("palette.png", png(4, 1, 2, 3, b"\0" + bytes([0b00011011]),
                             palette + chunk(b"tRNS", bytes([0, 128, 255]))))
    write("grey1.png", png(4, 1, 1, 0, b"\0" + bytes([0b10100000])))
    write("grey-key.png", png(2, 1, 8, 0, b"\0" + bytes([7, 8]), chunk(b"tRNS", b"\0\x07")))


# ---------------------------------------------------------------- orientation
# What must be done to the upright picture to store it under each orientation.
STORE = {1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
         4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE,
         6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
         8: Image.Transpose.ROTATE_270}


def stored(orientation):
    turn = STORE[orientation]
    return quadrants() if turn is None else quadrants().transpose(turn)


def exif(orientation, secret=False):
    tags = Image.Exif()
    tags[0x0112] = orientation
    if secret:
        tags[0x010E] = "SECRET description"
        tags[0x013B] = "SECRET artist"
        place = tags.get_ifd(0x8825)
        place[1], place[2], place[3], place[4] = "N", (48.0, 51.0, 29.0), "E", (2.0, 17.0, 40.0)
    return tags


def orientations():
    for orientation in STORE:
        stored(orientation).save(path(f"orientation-{orientation}.jpg"), quality=92, subsampling=0,
                                 exif=exif(orientation))
    stored(6).save(path("orientation-6.png"), exif=exif(6))
    stored(8).save(path("orientation-8.webp"), lossless=True, exif=exif(8))


# ---------------------------------------------------------------- JPEG kinds
def jpeg_bytes(image, **options):
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95, **options)
    return out.getvalue()


def adobe(data):
    """Start of the Adobe segment."""
    return data.index(b"\xff\xee\x00\x0eAdobe")


def jpegs():
    quadrants().save(path("plain.jpg"), quality=92, subsampling=0)
    quadrants().save(path("subsampled.jpg"), quality=92)
    quadrants().save(path("progressive.jpg"), quality=92, progressive=True, subsampling=0)
    quadrants().convert("L").save(path("grey.jpg"), quality=92)
    # (200, 30, 40) as Adobe stores it: light, not ink, in four channels, black last.
    cmyk = jpeg_bytes(Image.new("CMYK", (16, 16), (255 - 200, 255 - 30, 255 - 40, 0)))
    write("cmyk-adobe.jpg", cmyk)
    # The same without the Adobe segment: stored numbers are ink. Pillow inverts on writing.
    ink = jpeg_bytes(Image.new("CMYK", (16, 16), (200, 30, 40, 255)))
    at = adobe(ink)
    write("cmyk-plain.jpg", ink[:at] + ink[at + 16:])
    # YCCK: the complement of the colour in Y, Cb, Cr; the Adobe segment names the transform, 2.
    r, g, b = 255 - 200, 255 - 30, 255 - 40
    y = 0.299 * r + 0.587 * g + 0.114 * b
    parts = [round(v) for v in (y, (b - y) / 1.772 + 128, (r - y) / 1.402 + 128)]
    ycck = bytearray(jpeg_bytes(Image.new("CMYK", (16, 16), tuple(255 - v for v in parts) + (0,))))
    ycck[adobe(bytes(ycck)) + 15] = 2
    write("ycck-adobe.jpg", bytes(ycck))


# ---------------------------------------------------------------- WebP kinds
def webps():
    quadrants().save(path("lossy.webp"), quality=90)
    exact = Image.new("RGB", (9, 17))
    exact.putdata([pattern(x, y) for y in range(17) for x in range(9)])
    exact.save(path("lossless.webp"), lossless=True)
    ghost = quadrants().convert("RGBA")
    ghost.putalpha(Image.linear_gradient("L").resize((48, 32)))
    ghost.save(path("alpha.webp"), quality=90)
    frames = [quadrants(), quadrants().transpose(Image.Transpose.ROTATE_180)]
    frames[0].save(path("animated.webp"), save_all=True, append_images=frames[1:], duration=100)


# ---------------------------------------------------------------- metadata
def segment(marker, payload):
    return bytes([0xFF, marker]) + struct.pack(">H", len(payload) + 2) + payload


def private_jpeg(orientation, profile):
    data = jpeg_bytes(stored(orientation), exif=exif(orientation, True), icc_profile=profile,
                      comment=b"SECRET comment", progressive=orientation == 6)
    extras = (segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x>SECRET</x>")
              + segment(0xED, b"Photoshop 3.0\0008BIM SECRET iptc") + segment(0xE2, b"MPF\0SECRET")
              + segment(0xE0, b"JFXX\0\x13\x01\x01SECRET") + segment(0xE5, b"SECRET maker"))
    return data[:2] + extras + data[2:] + b"SECRET trailer"


def private_png(profile):
    out = io.BytesIO()
    stored(6).save(out, "PNG", exif=exif(6, True), icc_profile=profile)
    data = out.getvalue()
    texts = (chunk(b"tEXt", b"Comment\0SECRET") + chunk(b"tIME", bytes(7)) + chunk(b"prVt", b"SECRET")
             + chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0SECRET"))
    return data[:33] + texts + data[33:] + b"SECRET trailer"


def private():
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = bytes(12)  # The time of making, so that every run makes the same files.
    profile = bytes(profile)
    write("private-1.jpg", private_jpeg(1, profile))
    write("private-6.jpg", private_jpeg(6, profile))
    write("private-6.png", private_png(profile))
    stored(8).save(path("private-8.webp"), lossless=True, exif=exif(8, True), icc_profile=profile,
                   xmp=b"<x>SECRET</x>")
    ghost = quadrants().convert("RGBA")
    ghost.putalpha(128)
    ghost.save(path("private-alpha.webp"), quality=90, exif=exif(1, True))


if __name__ == "__main__":
    by_hand()
    orientations()
    jpegs()
    webps()
    private()
