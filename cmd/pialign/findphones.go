package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/pialign/pialign/probe"
)

// wanted is one phone to probe: what the user called it, and where it may be.
type wanted struct {
	spec  string
	found probe.Found
	err   error
}

// findPhones looks for the phones that specs name, all at once, or for the one phone there is. A phone that is not
// found stands in the result with its error: the others can still be measured.
func findPhones(ctx context.Context, net finder, specs []string) ([]wanted, error) {
	if len(specs) == 0 {
		return findOnly(ctx, net)
	}
	specs = slices.Compact(slices.Sorted(slices.Values(specs)))
	out := make([]wanted, len(specs))
	several := make([][]probe.Found, len(specs))
	var wg sync.WaitGroup
	for i, spec := range specs {
		wg.Go(func() {
			out[i].spec = spec
			found, err := net.resolve(ctx, spec, discoveryTime)
			switch {
			case err != nil:
				out[i].err = err
			case len(found) == 0:
				out[i].err = fmt.Errorf("device %s: %w", spec, probe.ErrNoPhone)
			case len(found) > 1:
				several[i] = found
			default:
				out[i].found = found[0]
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for _, w := range out {
		if errors.Is(w.err, probe.ErrAddress) {
			return nil, usageError("--device: %w", w.err)
		}
	}
	for i, found := range several {
		if found != nil {
			return nil, withHint(usageError("%d phones match --device %s:\n%s", len(found), specs[i], foundList(found)), "name one by its id")
		}
	}
	return out, nil
}

// findOnly returns the one phone in the network.
func findOnly(ctx context.Context, net finder) ([]wanted, error) {
	found, err := net.discover(ctx, discoveryTime)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, withCode(exitNoPhone, err)
	case len(found) == 0:
		return nil, withHint(withCode(exitNoPhone, fmt.Errorf("no phone found within %v", discoveryTime)), "%s", typeTheAddress)
	case len(found) > 1:
		return nil, withHint(usageError("%d phones found, and no --device says which:\n%s", len(found), foundList(found)), "name one or several by id: --device ID")
	}
	return []wanted{{spec: cmp.Or(found[0].ID, found[0].Name, found[0].String()), found: found[0]}}, nil
}

func foundList(found []probe.Found) string {
	var b strings.Builder
	for i, f := range found {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "  %s", f)
	}
	return b.String()
}
