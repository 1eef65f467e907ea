"""Tests of kernel_tree.py, kernel_headers.py, kernel_compare.py and kernel_update.py on small texts and a small tree.

Run by test/unit/target/kernel_tree_test.cpp, or by itself: python3 tools/test_kernel_tree.py
"""
import pathlib
import tempfile
import unittest

import kernel_compare
import kernel_headers
import kernel_tree
import kernel_update

TABLE = """# <number> <abi> <name> <entry> <compat>
0\tcommon\tread\t\t\tsys_read
5\t64\tfstat\t\t\tsys_newfstat
5\tx32\tioctl\t\t\tcompat_sys_ioctl
7\tcommon\told\t\t\t-\t\t\tcompat_sys_old
8\tcommon\tgone
"""
SOURCE = """
/* SYSCALL_DEFINE1(in_a_comment, int, x) */
SYSCALL_DEFINE3(read, unsigned int, fd, char __user *, buf,
\t\tsize_t, count)
{
}
COMPAT_SYSCALL_DEFINE2(old, compat_ulong_t, arg, loff_t, pos)
SYSCALL32_DEFINE1(split, u64, where)
asmlinkage ssize_t arch_pread(unsigned int fd, char __user *buf, long dummy)
{
}
SYSCALL_DEFINE2(broken, int, fd)
"""
UNISTD = """#define __NR_io_setup 0
@0@ sys_io_setup
#define __NR3264_fcntl 25
@25@ sys_fcntl
#define __NR_fcntl __NR3264_fcntl
#define __NR_arch_specific_syscall 244
#define __NR_flush_icache (__NR_arch_specific_syscall + 15)
@(244 + 15)@ sys_flush_icache
#define __NR_syscalls 451
"""
HEADERS = {
    "include/uapi/linux/thing.h": """#include <linux/base.h>
#define THING_MAGIC 0x80
#define THING_ALL (THING_MAGIC | 1)
#define THING_NAME "thing"
#define THING_FUNCTION(x) (x)
#define THING_UNKNOWN NO_SUCH_NAME
#define THING_HIGH (1 << 31)
#define THING_SIZE (int)sizeof(struct thing)
struct thing { char c; long long wide; long word; };
enum thing_kind { THING_FIRST = 3, THING_SECOND, };
""",
    "include/uapi/linux/base.h": "#ifdef __s390x__\n#define BASE_VALUE 1\n#else\n#define BASE_VALUE 2\n#endif\n",
    "include/uapi/linux/types.h": "", "include/uapi/linux/socket.h": "typedef unsigned short __kernel_sa_family_t;\n",
    "include/uapi/linux/if.h": "", "include/uapi/linux/serial.h": "", "include/uapi/linux/atmdev.h": "",
    "include/linux/socket.h": "#define AF_NEW 46\n#define AF_MAX 47\n",
}


def make_tree(folder, headers):
    for name, text in headers.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "Makefile").write_text("VERSION = 9\nPATCHLEVEL = 1\nSUBLEVEL = 4\nEXTRAVERSION =\n")
    for arch in ("x86", "s390", "m68k"):
        fcntl = folder / f"arch/{arch}/include/uapi/asm/fcntl.h"
        fcntl.parent.mkdir(parents=True)
        fcntl.write_text("")
    return kernel_tree.find_tree(folder)


class Trees(unittest.TestCase):
    def test_its_own_tools_are_no_second_tree(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            for at in (folder, folder / "tools"):
                (at / "include/uapi").mkdir(parents=True)
                (at / "Makefile").write_text("VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 0\n")
            self.assertEqual(kernel_tree.find_tree(folder).root, folder)


class Tables(unittest.TestCase):
    def test_rows_of_an_abi(self):
        self.assertEqual(
    kernel_tree.read_table(
        TABLE, {
            "common", "64"}, 5000), {
                "read": (
                    5000, "sys_read", ""), "fstat": (
                        5005, "sys_newfstat", ""), "old": (
                            5007, "", "compat_sys_old"), "gone": (
                                5008, "", "")})

    def test_unistd_before_there_was_a_table(self):
        self.assertEqual({call: (entry.nr, entry.native) for call, entry in kernel_tree.read_unistd(UNISTD).items()}, {
                         "io_setup": (0, "sys_io_setup"), "fcntl": (25, "sys_fcntl"), "flush_icache": (259,
                         "sys_flush_icache")})

    def test_prototypes(self):
        found = dict(kernel_tree.read_prototypes(kernel_tree.COMMENT.sub(" ", SOURCE)))
        self.assertEqual(found["sys_read"], [("unsigned int", "fd"), ("char __user *", "buf"), ("size_t", "count")])
        self.assertEqual(found["compat_sys_old"], [("compat_ulong_t", "arg"), ("loff_t", "pos")])
        self.assertEqual(found["arch_pread"][2], ("long", "dummy"))
        self.assertEqual(found["sys_split"], found["compat_sys_split"])
        self.assertNotIn("sys_in_a_comment", found)
        self.assertNotIn("sys_broken", found)


class Shapes(unittest.TestCase):
    def test_width_and_sign_of_types(self):
        for c_type, on_32, on_64 in (
                ("unsigned long", (32, False), (64, False)), ("compat_ulong_t", (32, False), (32, False)),
                ("const char __user *", (32, False), (64, False)), ("loff_t", (64, True), (64, True)),
                ("umode_t", (16, False), (16, False)), ("pid_t", (32, True), (32, True)), ("struct unheard_of", None,
                None)):
            self.assertEqual(
    (kernel_compare.shape_of(
        c_type, 32), kernel_compare.shape_of(
            c_type, 64)), (on_32, on_64), c_type)

    def test_differences_of_one_call(self):
        def arg(name, width, signed, kind, slots):
            return kernel_compare.Arg(name, width, signed, kind, "", slots)

        def kinds(args, prototype, word_bits=64):
            return [row[0] for row in kernel_compare.differences_from(args, prototype, word_bits, 0)]

        fd, size = arg("fd", 32, True, "fd", [0]), arg("size", 64, False, "size", [1])
        self.assertEqual(kinds([fd, size], [("unsigned int", "fd"), ("size_t", "count")]), [])
        self.assertEqual(kinds([fd, size], [("unsigned int", "fd"), ("compat_size_t", "count")]), ["width"])
        self.assertEqual(kinds([arg("n", 32, False, "integer", [0])], [("int", "n")]), ["sign"])
        self.assertEqual(kinds([fd], [("int", "fd"), ("int", "more")]), ["count"])
        halves = [fd, arg("offset", 64, True, "integer", [2, 3])]
        self.assertEqual(kinds(halves, [("int", "fd"), ("int", "pad"), ("int", "low"), ("int", "high")], 32), [])

    def test_same_ioctl(self):
        self.assertTrue(kernel_compare.is_same_ioctl(0xc01864c2, 0xc01064c2))
        self.assertFalse(kernel_compare.is_same_ioctl(0xc01864c2, 0xc01864c3))
        self.assertFalse(kernel_compare.is_same_ioctl(5, 7))


class Headers(unittest.TestCase):
    def constants(self, tree, table):
        with kernel_headers.Headers(tree, table) as headers:
            found = headers.constants(["linux/thing.h"], lambda places: dict(places))
        return {name: constant.value for name, constant in found.items()}

    def test_values_per_abi(self):
        with tempfile.TemporaryDirectory() as folder:
            tree = make_tree(pathlib.Path(folder), HEADERS)
            self.assertEqual(tree.version, (9, 1, 4))
            values = {table: self.constants(tree, table) for table in ("x86_64", "i386", "x32", "m68k", "s390x")}
        wide = values["x86_64"]
        self.assertEqual((wide["THING_MAGIC"], wide["THING_ALL"],
                         wide["THING_FIRST"], wide["THING_SECOND"]), (128, 129, 3, 4))
        self.assertEqual(wide["THING_HIGH"], -(1 << 31))
        self.assertEqual(wide["AF_NEW"], 46)
        self.assertFalse({"THING_NAME", "THING_FUNCTION", "THING_UNKNOWN"} & wide.keys())
        self.assertEqual([values[table]["THING_SIZE"] for table in ("x86_64", "i386", "x32", "m68k")], [24, 16, 24, 14])
        self.assertEqual((values["s390x"]["BASE_VALUE"], wide["BASE_VALUE"]), (1, 2))

    def test_headers_that_do_not_compile_are_an_error(self):
        with tempfile.TemporaryDirectory() as folder:
            broken = HEADERS | {
    "include/uapi/linux/thing.h": "#define THING_ALL (1 | 2)\nstruct thing { nonsense x; };\n"}
            tree = make_tree(pathlib.Path(folder), broken)
            with self.assertRaises(RuntimeError):
                self.constants(tree, "x86_64")


class Update(unittest.TestCase):
    KINDS = {
    "fd": "fd",
    "unsigned32": "integer",
    "ptr": "pointer",
    "size": "size",
    "unsigned_word": "integer",
     "pid": "pid"}

    def test_cells_of_a_new_argument(self):
        def cells(c_type, name):
            return kernel_update.argument_cells(c_type, name, self.KINDS)[3:]

        self.assertEqual(cells("int", "fd"), ["fd", "int", "32", "signed", "0"])
        self.assertEqual(cells("const char __user *", "path"), ["ptr", "const char __user *", "word", "unsigned", "1"])
        self.assertEqual(cells("size_t", "count"), ["size", "size_t", "word", "unsigned", "0"])
        self.assertEqual(cells("unsigned int", "flags"), ["unsigned32", "unsigned int", "32", "unsigned", "0"])

    def test_which_constants_are_taken(self):
        places = {
    "A_X": "a.h",
    "A_Y": "a.h",
    "B_ONE": "b.h",
    "B_TWO": "b.h",
    "C_NEW": "b.h",
    "_HIDDEN": "a.h",
     "D_NEW": "d.h"}
        known = {"A_X", "A_Y", "B_ONE"}
        self.assertEqual(sorted(kernel_update.select(places, known)), ["A_X", "A_Y", "B_ONE", "B_TWO"])
        self.assertIn("E_NEW", kernel_update.select({f"E_{i}": "e.h" for i in range(9)} | {"E_NEW": "e.h"},
                                                    {f"E_{i}" for i in range(9)}))


if __name__ == "__main__":
    unittest.main()
