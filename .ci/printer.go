//go:build ignore

// Command printer announces a printer by mDNS, of the service type that phones have too, until it is killed.
package main

import (
	"fmt"
	"os"

	"github.com/grandcat/zeroconf"
)

func main() {
	s, err := zeroconf.RegisterProxy("HP LaserJet (office)", "_http._tcp", "local.", 80, "printer", []string{os.Args[1]}, []string{""}, nil)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer s.Shutdown()
	fmt.Println("announced")
	select {}
}
