"""Thumbnails of pictures: one function that Erlang calls. PNG and PPM are read and written here, in plain Python; with Debian's
python3-pil installed, so are JPEG and the others."""
import os
import struct
import zlib

import hanse

try:
    from PIL import Image
except ImportError:
    Image = None


@hanse.function
def thumbnail(source, target, size):
    """Writes a picture whose longer side has at most `size` pixels; answers its width and height."""
    source, target = os.fsdecode(source), os.fsdecode(target)
    if Image is not None:
        with Image.open(source) as picture:
            picture.thumbnail((size, size))
            picture.save(target)
            return picture.size
    width, height, pixels = read(source)
    width, height, pixels = shrink(width, height, pixels, size)
    write(target, width, height, pixels)
    return width, height


@hanse.self_test
def self_test():
    """A new version of this file has to get this right before it replaces the old one."""
    red, blue = b"\xff\0\0", b"\0\0\xff"
    assert shrink(4, 2, [red * 2 + blue * 2] * 2, 2) == (2, 1, [red + blue])


def shrink(width, height, pixels, size):
    """Each new pixel is the average of those that it stands for. Rows are bytes, three for a pixel."""
    step = max(1, -(-max(width, height) // size))
    new_width, new_height = max(1, width // step), max(1, height // step)
    rows = []
    for y in range(new_height):
        above = pixels[y * step:(y + 1) * step]
        count = len(above) * min(step, width)
        row = bytearray()
        for x in range(new_width):
            for colour in range(3):
                first, last = x * step * 3 + colour, (x + 1) * step * 3
                row.append(sum(sum(line[first:last:3]) for line in above) // count)
        rows.append(bytes(row))
    return new_width, new_height, rows


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    if data.startswith(b"\x89PNG"):
        return read_png(data)
    if data.startswith(b"P6"):
        return read_ppm(data)
    raise ValueError(f"{path} is neither PNG nor PPM (P6); python3-pil reads more")


def read_ppm(data):
    fields = data.split(None, 4)
    width, height, at = int(fields[1]), int(fields[2]), len(data) - len(data.split(None, 3)[3]) + len(fields[3]) + 1
    return width, height, [data[at + y * width * 3:at + (y + 1) * width * 3] for y in range(height)]


def read_png(data):
    """Eight bits for a colour, grey, RGB or RGBA, not interlaced (PNG specification, third edition, sections 5 and 9)."""
    at, packed = 8, b""
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8:at + 8 + size]
        if kind == b"IHDR":
            width, height, depth, colours, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            if depth != 8 or colours not in (0, 2, 6) or interlaced:
                raise ValueError("PNG of a kind that needs python3-pil")
        elif kind == b"IDAT":
            packed += body
        at += size + 12
    channels = {0: 1, 2: 3, 6: 4}[colours]
    raw, line, rows, above = zlib.decompress(packed), width * channels, [], bytes(width * channels)
    for y in range(height):
        start = y * (line + 1)
        above = unfilter(raw[start], bytearray(raw[start + 1:start + 1 + line]), above, channels)
        rows.append(above)
    if channels == 1:
        rows = [bytes(value for grey in row for value in (grey, grey, grey)) for row in rows]
    elif channels == 4:
        rows = [bytes(row[i] for i in range(line) if i % 4 != 3) for row in rows]
    return width, height, rows


def unfilter(kind, row, above, channels):
    for i, value in enumerate(row):
        left = row[i - channels] if i >= channels else 0
        corner = above[i - channels] if i >= channels else 0
        if kind == 1:
            value += left
        elif kind == 2:
            value += above[i]
        elif kind == 3:
            value += (left + above[i]) // 2
        elif kind == 4:
            guess = left + above[i] - corner
            distances = abs(guess - left), abs(guess - above[i]), abs(guess - corner)
            value += (left, above[i], corner)[distances.index(min(distances))]
        row[i] = value & 255
    return bytes(row)


def write(path, width, height, rows):
    """PNG, or PPM if the name says so."""
    if path.endswith(".ppm"):
        data = b"P6 %d %d 255\n" % (width, height) + b"".join(rows)
    else:
        def chunk(kind, body):
            return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        data = (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
                + chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows))) + chunk(b"IEND", b""))
    with open(path, "wb") as file:
        file.write(data)


if __name__ == "__main__":
    hanse.run()
