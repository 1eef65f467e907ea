#!/usr/bin/env python3
"""Writes containers whose table of holes is wrong in one row, with the checksum that belongs to them.

    tamper_holes.py IN.sbp OUT_DIRECTORY

For every hole: its parameter replaced by each other of the same kind (N.param.M.sbp), its row left out (N.gone.sbp), and, where it is
half of a number, the other half (N.half.sbp). test/cli/tampered_holes.test holds each against the policy. docs/format.md has the bytes.
"""
import pathlib
import struct
import sys
import zlib

PROGRAMS, PARAMS, PATCHES = 1, 4, 5
CHECKSUM_AT = 16


def sections(data):
    found = {}
    for i in range(struct.unpack_from("<I", data, 20)[0]):
        kind, offset, count, record = struct.unpack_from("<4I", data, 24 + 16 * i)
        found[kind] = (24 + 16 * i, offset, count, record)
    return found


def sealed(data):
    struct.pack_into("<I", data, CHECKSUM_AT, 0)
    struct.pack_into("<I", data, CHECKSUM_AT, zlib.crc32(data))
    return data


def variants(data):
    table = sections(data)
    _, params_at, param_count, param_bytes = table[PARAMS]
    entry, patches_at, patch_count, patch_bytes = table[PATCHES]
    assert table[PROGRAMS][2] == 1, "one program, so that its holes are all there are"
    kinds = [struct.unpack_from("<3I", data, params_at + param_bytes * i)[1:] for i in range(param_count)]
    for i in range(patch_count):
        at = patches_at + patch_bytes * i
        _, kind, param, _ = struct.unpack_from("<4I", data, at)
        for other in range(param_count):
            if other != param and kinds[other] == kinds[param]:
                changed = bytearray(data)
                struct.pack_into("<I", changed, at + 8, other)
                yield f"{i}.param.{other}", changed
        if kind < 2 and kinds[param][1] == 64:
            changed = bytearray(data)
            struct.pack_into("<I", changed, at + 4, 1 - kind)
            yield f"{i}.half", changed
        changed = bytearray(data)
        changed[at:patches_at + patch_bytes * (patch_count - 1)] = data[at + patch_bytes:patches_at + patch_bytes * patch_count]
        struct.pack_into("<I", changed, entry + 8, patch_count - 1)
        struct.pack_into("<I", changed, table[PROGRAMS][1] + 4 * 10, patch_count - 1)
        yield f"{i}.gone", changed


def main():
    data = pathlib.Path(sys.argv[1]).read_bytes()
    out = pathlib.Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    made = 0
    for name, changed in variants(data):
        (out / f"{name}.sbp").write_bytes(sealed(changed))
        made += 1
    print(f"{made} made")
    return 0 if made > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
