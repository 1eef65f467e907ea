package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"runtime"
	"sync"
	"time"
)

func fail(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func main() {
	what := "work"
	if len(os.Args) > 1 {
		what = os.Args[1]
	}
	switch what {
	case "work":
		var group sync.WaitGroup
		sums := make([]int, 8)
		for i := range sums {
			group.Add(1)
			go func() {
				defer group.Done()
				for k := 0; k < 3000000; k++ {
					sums[i] += k % (i + 1)
				}
				time.Sleep(time.Millisecond)
			}()
		}
		group.Wait()
		garbage := [][]byte{}
		for i := 0; i < 1000; i++ {
			garbage = append(garbage, make([]byte, 10000))
		}
		runtime.GC()
		text, err := os.ReadFile("/etc/passwd")
		fail(err)
		// With cgo glibc is asked, which tries a socket to nscd first.
		root, err := user.LookupId("0")
		fail(err)
		fmt.Println("read", len(text) > 9, root.Username, len(garbage), sums[7])
	case "write":
		fail(os.WriteFile("x", []byte("y"), 0o600))
	case "name":
		fail(os.Mkdir("x", 0o700))
	case "socket":
		_, err := net.Listen("tcp", "127.0.0.1:0")
		fail(err)
	case "exec":
		fail(exec.Command("/bin/true").Run())
	}
}
