package main

import (
	"math"

	"gonum.org/v1/plot/plotter"
)

// thin returns the points without those that lie within tolerance, in y, of the line between the points kept about them.
// Source: U. Ramer, 1972; D. Douglas, T. Peucker, 1973.
func thin(points plotter.XYs, tolerance float64) plotter.XYs {
	if len(points) < 3 {
		return points
	}
	a, b := points[0], points[len(points)-1]
	far, most := 0, tolerance
	for i, p := range points {
		on := a.Y + float64((b.Y-a.Y)*((p.X-a.X)/(b.X-a.X)))
		if d := math.Abs(p.Y - on); d > most {
			far, most = i, d
		}
	}
	if far == 0 {
		return plotter.XYs{a, b}
	}
	left := thin(points[:far+1], tolerance)
	return append(left[:len(left)-1:len(left)-1], thin(points[far:], tolerance)...)
}
