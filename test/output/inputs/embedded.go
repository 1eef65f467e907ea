// Writes the bytes of `quiet` into a file, then runs under `holes`.
package main

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"unsafe"

	"example.test/embedded/policy"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	quiet, err := policy.NewQuiet()
	check(err)
	insns := quiet.Insns()
	check(os.WriteFile("quiet.bin", unsafe.Slice((*byte)(unsafe.Pointer(&insns[0])), len(insns)*8), 0o644))

	holes, err := policy.NewHoles()
	check(err)
	if _, err := holes.Install(0); err != syscall.EINVAL {
		panic("installed without values")
	}
	holes.SetOut(1)
	holes.SetParent(false)
	holes.SetSize(1 << 33)
	_, err = holes.Install(policy.HolesFlags)
	check(err)
	file, err := os.OpenFile("/dev/null", os.O_WRONLY, 0)
	check(err)
	if _, err := file.Write([]byte("x")); !errors.Is(err, syscall.EBADF) {
		panic("another descriptor was written to")
	}
	fmt.Println("as it should be")
}
