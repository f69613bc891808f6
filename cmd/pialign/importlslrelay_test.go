package main

import (
	"encoding/json"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// relayParameters are lsl-relay's, of one of its examples.
const relayParameters = `{"cloud_to_lsl": {"intercept": -1666236720.9472754, "slope": 0.9999924730866947},
 "lsl_to_cloud": {"intercept": 1666249262.6610205, "slope": 1.0000075269698494}, "info": {"model_type": "LinearRegression", "version": 1}}`

// TestLSLRelayToTheNanosecond applies lsl-relay's real parameters to the brightness of the eye videos of the same recording, and
// compares every row with decimal arithmetic of the published formula. The decimal digits printed in the file are the numbers.
func TestLSLRelayToTheNanosecond(t *testing.T) {
	in := filepath.Join("..", "..", "..", "shared", "data", "real", "invisible-lsl-relay-examples", "companion_app_exports", "subject_1")
	parameters := filepath.Join(in, "time_alignment_parameters.json")
	text, err := os.ReadFile(parameters)
	if err != nil && os.Getenv("PIALIGN_REQUIRE_DATA") == "1" {
		t.Fatal("lsl-relay's examples are required: ", err)
	}
	if err != nil {
		t.Skip("lsl-relay's examples are not here: ", err)
	}
	var doc struct {
		Line struct{ Intercept, Slope json.Number } `json:"cloud_to_lsl"`
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	intercept, _ := new(big.Rat).SetString(doc.Line.Intercept.String())
	slope, _ := new(big.Rat).SetString(doc.Line.Slope.String())

	dir := t.TempDir()
	code, out, talk := command(t.Context(), "import", "lsl-relay", parameters, "--session", filepath.Join(dir, "relay"))
	if code != exitDone || !strings.Contains(talk, "no interval and no bound") {
		t.Fatal(code, talk)
	}
	for _, eye := range []struct {
		name string
		rows int
	}{{"PI left v1 ps1.illuminance.csv", 5842}, {"PI right v1 ps1.illuminance.csv", 5988}} {
		result := filepath.Join(dir, "aligned")
		code, _, talk := command(t.Context(), "apply", "--alignment", strings.TrimSpace(out), "--clock", "lsl", "--time-column", "timestamp [ns]:ns",
			filepath.Join(in, eye.name), "--out", result)
		if code != exitDone || !strings.Contains(talk, "lsl-relay") {
			t.Fatal(code, talk)
		}
		was, now := linesOf(t, filepath.Join(in, eye.name)), linesOf(t, filepath.Join(result, eye.name))
		if len(was) != eye.rows+1 || len(now) != len(was) || now[0] != was[0] {
			t.Fatalf("%s: %d rows, then %d; want %d", eye.name, len(was)-1, len(now)-1, eye.rows)
		}
		for i := 1; i < len(was); i++ {
			brightness, stamp, _ := strings.Cut(was[i], ",")
			ns, _ := new(big.Rat).SetString(stamp)
			lsl := ns.Mul(ns, slope)                                                // in 1e-9 s
			lsl.Add(lsl, new(big.Rat).Mul(intercept, big.NewRat(1_000_000_000, 1))) // lsl = intercept + slope * (ns * 1e-9)
			if want := brightness + "," + lsl.FloatString(0); now[i] != want {
				t.Fatalf("%s: row %d: %s, want %s", eye.name, i+1, now[i], want)
			}
		}
	}
}

func linesOf(t *testing.T, path string) []string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
}
