package probe

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// TestAddressesThatAreNone are told at once, with what is wrong with them, and not looked for as names of phones.
func TestAddressesThatAreNone(t *testing.T) {
	for spec, wrong := range map[string]string{
		"127.0.0.1:99999":          `port "99999"`,
		"127.0.0.1:0":              `port "0"`,
		"127.0.0.1:":               `port ""`,
		"127.0.0.1:http":           `port "http"`,
		"localhost:808O":           `port "808O"`,
		"[fe80::1%eth0]:99999":     `port "99999"`,
		"192.168.1.21:8080/api":    "leave out the path /api; want 192.168.1.21:8080",
		"192.168.1.21/":            "leave out the path /; want 192.168.1.21",
		"https://192.168.1.21":     "speaks http, not https",
		" 192.168.1.21:8080/api\t": "leave out the path",
	} {
		found, err := Resolve(t.Context(), spec, time.Hour) // a search for a name would not end
		if !errors.Is(err, ErrAddress) || found != nil || !strings.Contains(err.Error(), wrong) {
			t.Errorf("%q: %v, %v; want %q", spec, found, err, wrong)
		}
		if _, err := Open(t.Context(), spec, Options{}); !errors.Is(err, ErrAddress) {
			t.Errorf("Open %q: %v", spec, err)
		}
	}
	// Phones may be called anything, and these are addresses.
	for _, spec := range []string{"Neon: Bea", "Lab:99999", "left/right", "1/2", "10.5", "127.0.0.1:8080", "::1", "[::1]", "fe80::1%eth0", "[::1]:8080",
		"http://192.168.1.21:8080/api", "pi.local:8080", "PI monitor:Ada:fa4e000000000001"} {
		if err := checkAddress(spec); err != nil {
			t.Errorf("%q: %v", spec, err)
		}
	}
}
