package probe

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// defaultPort is the app's, unless something else on the phone has it.
const defaultPort = "8080"

// locateFor is how long Open looks for a .local name.
const locateFor = 5 * time.Second

// Resolve returns the phones that spec names: HOST:PORT, HOST (port 8080), a hardware id, a phone's name, or a name that
// ends in .local. All that match are returned, so that the caller can refuse to guess.
//
// An address is returned as it is, without anything being sent. Whatever else is looked for by multicast, for as long as
// timeout if nothing matches, else a little longer than until the first match; a name with a dot in it is first looked up
// as the system does. If there is no match, the error wraps ErrNoPhone; of what begins as an address and goes on as none, ErrAddress.
func Resolve(ctx context.Context, spec string, timeout time.Duration) ([]Found, error) {
	spec = strings.TrimSpace(spec)
	if spec == "" {
		return nil, fmt.Errorf("%w: no name given", ErrNoPhone)
	}
	if err := checkAddress(spec); err != nil {
		return nil, err
	}
	host, port, ok := splitAddress(spec)
	switch {
	case ok && isLocal(host):
		return resolveLocal(ctx, host, port, timeout)
	case ok && (port != "" || isIP(host) || strings.EqualFold(host, "localhost")):
		return []Found{{Addrs: []string{joinAddress(host, port)}}}, nil
	case ok && strings.Contains(host, ".") && isKnown(ctx, host, timeout):
		return []Found{{Addrs: []string{joinAddress(host, "")}}}, nil
	}
	return resolveName(ctx, spec, host, ok, timeout)
}

// isKnown reports whether the system can find the address of host.
func isKnown(ctx context.Context, host string, timeout time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	addrs, err := net.DefaultResolver.LookupHost(ctx, host)
	return err == nil && len(addrs) > 0
}

// resolveName looks for a hardware id or a phone's name; where none matches and spec may be the name of a host, for that.
func resolveName(ctx context.Context, spec, host string, isHost bool, timeout time.Duration) ([]Found, error) {
	d := newDirectory(nil)
	heard := func() []Found { return match(d.found(), spec) }
	err := search(ctx, timeout, d, nil, func() bool { return len(heard()) > 0 })
	if found := heard(); err == nil && len(found) > 0 {
		return found, nil
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if isHost && isKnown(ctx, host, timeout) {
		return []Found{{Addrs: []string{joinAddress(host, "")}}}, nil
	}
	if err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("%w to %q: heard %s; %s", ErrNoPhone, spec, listed(d.found()), typeTheAddress)
}

// match returns the phones that spec names by hardware id, by whole instance name, or by name; by a name of other
// capitals only if none has it exactly.
func match(found []Found, spec string) []Found {
	for _, same := range []func(Found) bool{
		func(f Found) bool { return f.ID != "" && strings.EqualFold(f.ID, spec) },
		func(f Found) bool { return instancePrefix+f.Name+":"+f.ID == spec },
		func(f Found) bool { return f.Name != "" && f.Name == spec },
		func(f Found) bool { return f.Name != "" && strings.EqualFold(f.Name, spec) },
	} {
		var out []Found
		for _, f := range found {
			if same(f) {
				out = append(out, f)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

// resolveLocal looks for a host whose name ends in .local, which resolvers outside the system do not know.
func resolveLocal(ctx context.Context, host, port string, timeout time.Duration) ([]Found, error) {
	n := name(strings.Split(strings.TrimSuffix(host, "."), "."))
	for _, label := range n {
		if label == "" || len(label) > 63 {
			return nil, fmt.Errorf("%w: %q is no host name", ErrNoPhone, host)
		}
	}
	d := newDirectory(n)
	err := search(ctx, timeout, d, n, func() bool { return len(d.at(n, port)) > 0 })
	if err != nil {
		return nil, err
	}
	out := d.at(n, port)
	if len(out) == 0 {
		return nil, fmt.Errorf("%w to %s: heard %s; %s", ErrNoPhone, host, listed(d.found()), typeTheAddress)
	}
	return out, nil
}

// locate returns the addresses to try for what the caller of Open named.
func locate(ctx context.Context, addr string) ([]string, error) {
	addr = strings.TrimSpace(addr)
	if err := checkAddress(addr); err != nil {
		return nil, err
	}
	host, port, ok := splitAddress(addr)
	if !ok {
		return nil, fmt.Errorf("%w: %q is no address, want HOST:PORT as the app's Streaming screen shows it", ErrNoPhone, addr)
	}
	if !isLocal(host) {
		return []string{joinAddress(host, port)}, nil
	}
	found, err := resolveLocal(ctx, host, port, locateFor)
	if err != nil {
		return nil, err
	}
	one, err := One(found)
	return one.Addrs, err
}

// checkAddress returns what is wrong with s where that is clearly meant to be an address: to look for a phone of such a name would take
// long, and find none. Names may hold colons and slashes, so only a number of an address, or localhost, is clear.
func checkAddress(s string) error {
	const want = "as the app's Streaming screen shows it"
	if _, isURL := strings.CutPrefix(s, "https://"); isURL {
		return fmt.Errorf("%w: %q: the app speaks http, not https; want HOST:PORT %s", ErrAddress, s, want)
	}
	if strings.HasPrefix(s, "http://") {
		return nil // of these the path is left out
	}
	whole, path, hasPath := strings.Cut(s, "/")
	host, port := whole, ""
	if i := strings.LastIndexByte(whole, ':'); i >= 0 && !isIP(whole) {
		host, port = whole[:i], whole[i+1:]
	}
	bare := strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if !isIP(bare) && !strings.EqualFold(bare, "localhost") {
		return nil
	}
	switch n, err := strconv.ParseUint(port, 10, 64); {
	case hasPath:
		return fmt.Errorf("%w: %q: leave out the path /%s; want %s", ErrAddress, s, path, whole)
	case host != whole && (err != nil || n < 1 || n > 65535):
		return fmt.Errorf("%w: %q: port %q, want 1 to 65535, %s", ErrAddress, s, port, want)
	}
	return nil
}

// splitAddress takes HOST, HOST:PORT or either as the start of a web address apart; port is empty where there is none. It is
// false for what cannot be an address.
func splitAddress(s string) (host, port string, ok bool) {
	if rest, isURL := strings.CutPrefix(s, "http://"); isURL {
		s, _, _ = strings.Cut(rest, "/")
	}
	bare := s
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
		bare = s[1 : len(s)-1]
	}
	if isIP(bare) {
		return bare, "", true
	}
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return s, "", isHostName(s)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return s, "", false
	}
	return host, port, isIP(host) || isHostName(host)
}

func joinAddress(host, port string) string {
	if port == "" {
		port = defaultPort
	}
	return net.JoinHostPort(host, port)
}

// isIP reports whether s is an address; the library takes anything at all for the zone of one.
func isIP(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && (a.Zone() == "" || isHostName(a.Zone()))
}

func isLocal(host string) bool {
	return strings.HasSuffix(strings.ToLower(strings.TrimSuffix(host, ".")), ".local")
}

// isHostName reports whether s may be the name of a host.
func isHostName(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '.', c == '_':
		default:
			return false
		}
	}
	return s != "" && len(s) <= 253
}
