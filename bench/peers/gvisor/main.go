// A .rules file through gVisor's pkg/seccomp: gvisor RULES RUNS > FILTER; nanoseconds of the quickest of RUNS builds go to standard error.
//
// pkg/seccomp compares 64 bits; a 32-bit comparison with a value is written as a masked one, as runsc's own filters do. The orders have no
// such form and stay 64-bit.
package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"gvisor.dev/gvisor/pkg/abi/linux"
	"gvisor.dev/gvisor/pkg/seccomp"
)

type line struct {
	action linux.BPFAction
	nr     uintptr
	rule   seccomp.Rule
}

func number(text string) uintptr {
	value, err := strconv.ParseUint(text, 0, 64)
	if err != nil {
		panic(err)
	}
	return uintptr(value)
}

func action(words []string) (linux.BPFAction, []string) {
	switch words[0] {
	case "allow":
		return linux.SECCOMP_RET_ALLOW, words[1:]
	case "errno":
		return linux.SECCOMP_RET_ERRNO | linux.BPFAction(number(words[1])), words[2:]
	case "kill_process":
		return linux.SECCOMP_RET_KILL_PROCESS, words[1:]
	}
	panic(words[0])
}

func matcher(op string, words []string) (any, []string) {
	value := number(words[0])
	switch op {
	case "eq32":
		return seccomp.MaskedEqual(0xffffffff, value), words[1:]
	case "lt32":
		return seccomp.LessThan(value), words[1:]
	case "gt32":
		return seccomp.GreaterThan(value), words[1:]
	case "masked_eq32":
		return seccomp.MaskedEqual(value, number(words[1])), words[2:]
	}
	panic(op)
}

func read(path string) (lines []line, otherwise linux.BPFAction) {
	file, err := os.Open(path)
	if err != nil {
		panic(err)
	}
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		words := strings.Fields(scanner.Text())
		if len(words) == 0 || words[0] == "arch" {
			continue
		}
		if words[0] == "default" {
			otherwise, _ = action(words[1:])
			continue
		}
		var one line
		one.action, words = action(words)
		one.nr = number(words[0])
		for i := range one.rule {
			one.rule[i] = seccomp.MatchAny{}
		}
		for words = words[2:]; len(words) > 0; {
			argument := number(words[0])
			one.rule[argument], words = matcher(words[1], words[2:])
		}
		lines = append(lines, one)
	}
	return lines, otherwise
}

func build(lines []line, otherwise linux.BPFAction) []linux.BPFInstruction {
	var sets []seccomp.RuleSet
	index := map[linux.BPFAction]int{}
	for _, one := range lines {
		at, known := index[one.action]
		if !known {
			at = len(sets)
			index[one.action] = at
			sets = append(sets, seccomp.RuleSet{Rules: seccomp.NewSyscallRules(), Action: one.action})
		}
		sets[at].Rules.AddRule(one.nr, one.rule)
	}
	program, err := seccomp.BuildProgram(sets, otherwise, linux.SECCOMP_RET_KILL_PROCESS)
	if err != nil {
		panic(err)
	}
	return program
}

func main() {
	lines, otherwise := read(os.Args[1])
	runs, _ := strconv.Atoi(os.Args[2])
	best := time.Hour
	for i := 0; i < runs; i++ {
		from := time.Now()
		build(lines, otherwise)
		if took := time.Since(from); took < best {
			best = took
		}
	}
	for _, insn := range build(lines, otherwise) {
		binary.Write(os.Stdout, binary.LittleEndian, insn.OpCode)
		os.Stdout.Write([]byte{insn.JumpIfTrue, insn.JumpIfFalse})
		binary.Write(os.Stdout, binary.LittleEndian, insn.K)
	}
	fmt.Fprintln(os.Stderr, best.Nanoseconds())
}
