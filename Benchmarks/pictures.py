"""Pictures to measure with: the content does not matter for speed, that they differ does."""
import pathlib
import struct
import zlib


def picture(path, side, number):
    """A PNG of `side` squared pixels with a pattern of its own."""
    path = pathlib.Path(path)
    if path.exists():
        return path
    rows = bytearray()
    for y in range(side):
        rows.append(0)
        for x in range(side):
            rows += bytes(((x * (number + 1) + y) & 255, (y * (number + 3)) & 255, (x * y >> 4) & 255))
    chunk = lambda kind, data: (struct.pack(">I", len(data)) + kind + data
                                + struct.pack(">I", zlib.crc32(kind + data)))
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(rows), 1))
                     + chunk(b"IEND", b""))
    return path


def references(place, side, count=4):
    return [picture(place.pictures / f"reference-{n}-{side}.png", side, n) for n in range(count)]


def queries(place, side, count=2):
    return [picture(place.pictures / f"query-{n}-{side}.png", side, 10 + n) for n in range(count)]
