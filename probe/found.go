package probe

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Found is a phone that was heard, or an address that was named.
type Found struct {
	Name, ID string   // empty where only an address is known
	Addrs    []string // HOST:PORT, IPv4 first
}

// One returns the only element of found. The error wraps ErrNoPhone where there is none, ErrAmbiguous where there are several,
// and lists these.
func One(found []Found) (Found, error) {
	switch len(found) {
	case 0:
		return Found{}, fmt.Errorf("%w; %s", ErrNoPhone, typeTheAddress)
	case 1:
		return found[0], nil
	}
	return Found{}, fmt.Errorf("%w: %s; name one by its id or address", ErrAmbiguous, listed(found))
}

// Open connects to the phone that was found, at the first of its addresses where it answers. Another phone at such an
// address is passed over.
func (f Found) Open(ctx context.Context, opt Options) (*Phone, error) {
	if opt.DeviceID == "" {
		opt.DeviceID = f.ID
	}
	errs := []error{}
	for _, a := range f.Addrs {
		p, err := Open(ctx, a, opt)
		if err == nil {
			return p, nil
		}
		errs = append(errs, err)
	}
	if len(errs) == 0 {
		return nil, fmt.Errorf("%w: no address known of %s", ErrNoPhone, f)
	}
	return nil, errors.Join(errs...)
}

// String returns name, id and addresses in a line.
func (f Found) String() string {
	at := strings.Join(f.Addrs, ", ")
	if f.Name == "" && f.ID == "" {
		return at
	}
	return fmt.Sprintf("%q %s at %s", f.Name, f.ID, at)
}

func listed(found []Found) string {
	if len(found) == 0 {
		return "no phone at all"
	}
	out := make([]string, len(found))
	for i, f := range found {
		out[i] = f.String()
	}
	return strings.Join(out, "; ")
}
