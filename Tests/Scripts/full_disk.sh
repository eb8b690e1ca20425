#!/bin/sh
# Fills a small disk under a library and checks that the failure is clear and loses nothing.
#
#     full_disk.sh path/to/studio
#
# Needs root for a 6 MiB tmpfs, and says "skipped" (exit 0) when it cannot have one.
# Exit 1 if a message is unclear, a concept is lost, or the library does not recover.
set -eu

studio=$(realpath "$1")
folder=$(mktemp -d)
disk="$folder/disk"
mkdir "$disk"
if ! mount -t tmpfs -o size=6m studio-full-disk "$disk" 2>/dev/null; then
    rm -rf "$folder"
    echo "skipped: no permission to mount a tmpfs"
    exit 0
fi
trap 'umount "$disk"; rm -rf "$folder"' EXIT

fail() { echo "failed: $*" >&2; exit 1; }
concept() { command=$1; shift; "$studio" concept "$command" "$@" --home "$disk/home" --json; }

# A picture of noise of 300 KiB, a different one each time.
picture() {
    python3 - "$folder/picture.png" <<'END'
import os, struct, sys, zlib
side = 320
rows = b"".join(b"\0" + os.urandom(side * 3) for _ in range(side))
def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
with open(sys.argv[1], "wb") as file:
    file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
               + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
END
}

check_saved() {
    concept list > "$folder/list.json" || fail "the library cannot be listed"
    for number in $(seq 1 "$saved"); do
        grep -q "\"concept $number\"" "$folder/list.json" || fail "concept $number is lost"
    done
}

# The ballast leaves room for some concepts only, and is what "free some space" removes.
dd if=/dev/zero of="$disk/ballast" bs=1024 count=2048 2>/dev/null
saved=0
while picture && concept add "concept $((saved + 1))" "$folder/picture.png" \
    > /dev/null 2> "$folder/error"; do
    saved=$((saved + 1))
    [ "$saved" -lt 100 ] || fail "the disk never became full"
done
[ "$saved" -ge 1 ] || fail "not even one concept fits: $(cat "$folder/error")"
grep -q "full" "$folder/error" || fail "the message does not say so: $(cat "$folder/error")"
grep -q "$disk/home" "$folder/error" || fail "the message does not name the folder: $(cat "$folder/error")"
echo "full after $saved concepts: $(cat "$folder/error")"

# Not one byte left: reading must either work or say why.
dd if=/dev/zero of="$disk/rest" bs=512 2>/dev/null || true
if concept list > /dev/null 2> "$folder/error"; then
    check_saved
else
    grep -q "full" "$folder/error" || fail "reading a full disk: $(cat "$folder/error")"
fi
for attempt in 1 2 3; do
    concept add "without room $attempt" "$folder/picture.png" > /dev/null 2> "$folder/error" && continue
    grep -q "full" "$folder/error" || fail "writing a full disk: $(cat "$folder/error")"
done

rm "$disk/ballast" "$disk/rest"
check_saved
concept verify > "$folder/verify.json" || fail "verify: $(cat "$folder/verify.json")"
picture
concept add "after" "$folder/picture.png" > /dev/null || fail "adding after space was freed"
check_saved
concept verify > "$folder/verify.json" || fail "verify: $(cat "$folder/verify.json")"
tr -d ' \n' < "$folder/verify.json" | grep -q '"problems":\[\]' || fail "verify: $(cat "$folder/verify.json")"
echo "nothing lost"
