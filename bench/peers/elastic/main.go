// A .rules file through elastic/go-seccomp-bpf: elastic RULES RUNS > FILTER; nanoseconds of the quickest of RUNS builds go to standard error.
//
// The library takes names and compares 64 bits. Calls that it has no name for are left out and named on standard error; so are lines
// with an action that it cannot give.
package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	seccomp "github.com/elastic/go-seccomp-bpf"
	"github.com/elastic/go-seccomp-bpf/arch"
	"golang.org/x/net/bpf"
)

func number(text string) uint64 {
	value, err := strconv.ParseUint(text, 0, 64)
	if err != nil {
		panic(err)
	}
	return value
}

func conditions(words []string) (all seccomp.ArgumentConditions, fits bool) {
	operations := map[string]seccomp.Operation{"eq32": seccomp.Equal, "ne32": seccomp.NotEqual, "lt32": seccomp.LessThan,
		"le32": seccomp.LessOrEqual, "gt32": seccomp.GreaterThan, "ge32": seccomp.GreaterOrEqual, "masked_eq32": seccomp.BitsNotSet}
	for len(words) > 0 {
		operation := operations[words[1]]
		all = append(all, seccomp.Condition{Argument: uint32(number(words[0])), Operation: operation, Value: number(words[2])})
		words = words[3:]
		if operation == seccomp.BitsNotSet {
			if number(words[0]) != 0 {
				return nil, false
			}
			words = words[1:]
		}
	}
	return all, true
}

func read(path string) (policy seccomp.Policy, skipped []string) {
	info, err := arch.GetInfo("")
	if err != nil {
		panic(err)
	}
	file, err := os.Open(path)
	if err != nil {
		panic(err)
	}
	group := seccomp.SyscallGroup{Action: seccomp.ActionAllow}
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		words := strings.Fields(scanner.Text())
		switch {
		case len(words) == 0 || words[0] == "arch":
		case words[0] == "default" && words[1] == "errno":
			policy.DefaultAction = seccomp.ActionErrno
		case words[0] == "default":
			policy.DefaultAction = seccomp.ActionKillProcess
		case words[0] != "allow":
			skipped = append(skipped, scanner.Text())
		default:
			_, known := info.SyscallNames[words[2]]
			all, fits := conditions(words[3:])
			if !known || !fits {
				skipped = append(skipped, scanner.Text())
			} else if len(all) == 0 {
				group.Names = append(group.Names, words[2])
			} else {
				group.NamesWithCondtions = append(group.NamesWithCondtions, seccomp.NameWithConditions{Name: words[2], Conditions: all})
			}
		}
	}
	policy.Syscalls = []seccomp.SyscallGroup{group}
	return policy, skipped
}

func build(policy seccomp.Policy) []bpf.RawInstruction {
	program, err := policy.Assemble()
	if err != nil {
		panic(err)
	}
	raw, err := bpf.Assemble(program)
	if err != nil {
		panic(err)
	}
	return raw
}

func main() {
	policy, skipped := read(os.Args[1])
	runs, _ := strconv.Atoi(os.Args[2])
	best := time.Hour
	for i := 0; i < runs; i++ {
		from := time.Now()
		build(policy)
		if took := time.Since(from); took < best {
			best = took
		}
	}
	for _, insn := range build(policy) {
		binary.Write(os.Stdout, binary.LittleEndian, insn.Op)
		os.Stdout.Write([]byte{insn.Jt, insn.Jf})
		binary.Write(os.Stdout, binary.LittleEndian, insn.K)
	}
	fmt.Fprintln(os.Stderr, best.Nanoseconds())
	for _, line := range skipped {
		fmt.Fprintln(os.Stderr, "left out:", line)
	}
}
