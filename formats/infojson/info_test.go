package infojson

import (
	"bytes"
	"strings"
	"testing"

	"github.com/pialign/pialign/formats/retime/retimetest"
)

// FuzzInfo claims: an info.json is refused, or its own start_time put back changes no byte, and another one is found
// again and is all that changed.
func FuzzInfo(f *testing.F) {
	f.Add([]byte("\xef\xbb\xbf{\"a\":{\"start_time\":1},\"start_time\": 1700000000000000000\r\n,\"duration\":1.5}"))
	f.Add([]byte(`{"start\u005ftime":-5,"android_device_id":null,"recording_id":"r"}`))
	f.Add([]byte(`{"start_time":0}`))
	f.Add([]byte(`{"start_time":1,"start_time":1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		in, err := Parse(b)
		if err != nil {
			if in != nil {
				t.Fatal("an info with an error")
			}
			return
		}
		if got := in.Retimed(same(in, 0)); !bytes.Equal(got, b) {
			t.Fatalf("%q became %q", b, got)
		}
		other, err := Parse(in.Retimed(same(in, -77)))
		if err != nil || other.Start != -77 || other.Duration != in.Duration || other.DeviceID != in.DeviceID {
			t.Fatalf("%q: %+v, %v", b, other, err)
		}
	})
}

// same returns the instants as they are, with another start_time unless that is 0.
func same(in *Info, start int64) []int64 {
	var host []int64
	for _, at := range in.Instants {
		if at.Key == StartTime && start != 0 {
			host = append(host, start)
		} else {
			host = append(host, int64(at.At))
		}
	}
	return host
}

// What is no info.json is refused, and says why.
func TestRefuses(t *testing.T) {
	const text = `{"start_time":1700000000000000000}`
	for name, c := range map[string]struct{ text, says string }{
		"cut off":                   {text[:20], "cut off"},
		"empty":                     {"", "cut off"},
		"two in one":                {text + text, "not valid JSON"},
		"a hole behind it":          {text + "\x00", "NUL"},
		"a hole":                    {strings.Repeat("\x00", 40), "NUL"},
		"UTF-16":                    {retimetest.UTF16(text, false, true), "UTF-16"},
		"UTF-16, unmarked":          {retimetest.UTF16(text, false, false), "UTF-16"},
		"UTF-16, the other order":   {retimetest.UTF16(text, true, true), "UTF-16"},
		"unmarked":                  {retimetest.UTF16(text, true, false), "UTF-16"},
		"a list":                    {"[" + text + "]", "expected an object"},
		"a key twice":               {`{"start_time":1700000000000000000,"start_time":0}`, "twice"},
		"a start of 19 digits more": {`{"start_time":9999999999999999999}`, "9999999999999999999"},
		"a fraction":                {`{"start_time":1.7e18}`, "1.7e18"},
		"text":                      {`{"start_time":"1700000000000000000"}`, "whole ns"},
		"null":                      {`{"start_time":null}`, "null"},
		"none":                      {`{}`, "start_time"},
		"deeper than can be read":   {`{"a":` + strings.Repeat("[", 1_000_000), "not valid JSON"},
	} {
		if in, err := Parse([]byte(c.text)); err == nil || in != nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %+v, %v; want %q", name, in, err, c.says)
		}
	}
	if in, err := Parse([]byte("\xef\xbb\xbf" + text)); err != nil || in.Start != 1700000000000000000 {
		t.Errorf("a mark of UTF-8: %+v, %v", in, err)
	}
}

// The earliest recordings have another name for the id, and a second instant.
func TestEarly(t *testing.T) {
	in, err := Parse([]byte(`{"recording_uuid":"u","start_time_synced":1700000000000000007,"start_time":1700000000000000000,"data_format_version":"1.0"}`))
	if err != nil || in.RecordingID != "u" || in.Format != "1.0" || in.Start != 1700000000000000000 || len(in.Instants) != 2 {
		t.Fatalf("%+v, %v", in, err)
	}
	if got := string(in.Retimed([]int64{8, -9})); got != `{"recording_uuid":"u","start_time_synced":8,"start_time":-9,"data_format_version":"1.0"}` {
		t.Error(got)
	}
}
