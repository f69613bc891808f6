package align

import "math"

const (
	pathSD    = 3    // standard deviations between the floors of bursts of one path, at least
	pathLeast = 8    // exchanges of a burst that makes a path
	pathShare = 0.1  // of the floor: a smaller difference is not worth less data per path
	detour    = 0.58 // 1/sqrt(3): standard deviation of what is uniform from -1 to 1
)

// pathsOf puts bursts whose floors agree onto one path: burst k goes onto the first path p with
//
//	|F_k - F_p| <= z sqrt(sd_k^2 + sd_p^2),   z = max(3, 2 + sqrt(2 ln K))
//
// where F_p is the weighted mean of its bursts' floors, or |F_k - F_p| <= 0.1 max(F_k, F_p). The more bursts K, the farther the farthest of one path may
// lie from the others by chance: sqrt(2 ln K) is about what the largest of K normal deviates is expected to be. Bursts of few exchanges
// tell too little of a floor to make a path: they go with the path next to theirs.
//
// Source: H. Cramer, "Mathematical Methods of Statistics", 1946, chapter 28, for the largest of K.
func pathsOf(floors []spread, bursts []burst) []int {
	type path struct{ w, mean float64 }
	var paths []path
	out := make([]int, len(floors))
	limit := max(pathSD, 2+math.Sqrt(2*ln(float64(len(floors)))))
	for k, f := range floors {
		out[k] = -1
		if len(bursts[k].kept) < pathLeast {
			continue
		}
		for p := range paths {
			d := math.Abs(f.mean - paths[p].mean)
			if d <= float64(limit*math.Sqrt(float64(f.sd*f.sd)+1/paths[p].w)) || d <= pathShare*max(f.mean, paths[p].mean) {
				out[k] = p
				break
			}
		}
		w := 1 / float64(f.sd*f.sd)
		if out[k] < 0 {
			out[k] = len(paths)
			paths = append(paths, path{w, f.mean})
			continue
		}
		p := &paths[out[k]]
		p.mean = (float64(p.w*p.mean) + float64(w*f.mean)) / (p.w + w)
		p.w += w
	}
	for k, f := range floors {
		if out[k] >= 0 {
			continue
		}
		out[k] = 0
		for p := range paths {
			if math.Abs(paths[p].mean-f.mean) < math.Abs(paths[out[k]].mean-f.mean) {
				out[k] = p
			}
		}
	}
	return out
}

// allowForDetours adds to the covariance what the paths' floors say of each other: by what the floor of a path exceeds that of the shortest, the way up may
// be longer, or the way down, or both, and every theta measured over it is off by up to half of that, alike:
//
//	C_kl += (0.58 (F_p - F_min)/2)^2   for bursts k and l of path p
//
// A sleeping radio that holds back all messages of one direction is such a path. What the shortest path's directions differ by moves all
// thetas, and is allowed for in the interval.
func (e *estimate) allowForDetours() {
	least := e.paths[0].floor
	for _, p := range e.paths {
		least = min(least, p.floor)
	}
	for k, p := range e.path {
		sd := float64(detour*(e.paths[p].floor-least)) / 2
		for l, q := range e.path {
			if p == q {
				e.cov[k][l] += float64(sd * sd)
			}
		}
	}
}
