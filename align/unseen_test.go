package align

import (
	"errors"
	"math/rand/v2"
	"testing"
)

// A dense stream that stops for about as long as the clock is set back, as one does whose recorder drops what is not newer, shows no fall. What it does not
// refuse by its end is right, one instant at a time and many.
func TestRetimerOfAStepThatDoesNotShow(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 11))
	unseen := 0
	for range 2000 {
		set := 1400 + r.Int64N(200)
		d, truth := stream(r, 4, 1, set)
		lasts := 20 + r.Int64N(180) // of 100 that the step is
		begin := set - r.Int64N(lasts)
		var shown []DeviceTime
		var host []int64
		for i := range d {
			if truth[i] < begin || truth[i] >= begin+lasts {
				shown, host = append(shown, d[i]), append(host, truth[i])
			}
		}
		next := modelOf(t, setBack()).Retimer(AmbiguousRefused)
		_, many := modelOf(t, setBack()).Stream(AmbiguousRefused)
		wrong, refused := 0, error(nil)
		for i := range shown {
			h, err := next(shown[i])
			if err != nil {
				refused = err
				break
			}
			if h != host[i] {
				wrong++
			}
		}
		if wrong > 0 && refused == nil {
			t.Fatalf("set at %d, nothing from %d for %d: %d instants are wrong", set, begin, lasts, wrong)
		}
		n, err := many(make([]int64, len(shown)), shown)
		if (err == nil) != (refused == nil) || err != nil && err.Error() != refused.Error() {
			t.Fatalf("set at %d, nothing from %d for %d: many at a time end after %d with %v, one by one with %v", set, begin, lasts, n, err, refused)
		}
		if e := (*UnseenStepError)(nil); errors.As(err, &e) {
			unseen++
			if h, err := next(shown[n]); h != host[n] || err != nil || e.By != 100 {
				t.Fatalf("asked again for %d: %d, %v, want %d", shown[n], h, err, host[n])
			}
		}
	}
	if unseen < 100 {
		t.Errorf("of 2000 streams %d did not show the step", unseen)
	}
}
