package cloud

import (
	"bytes"
	"testing"
)

// FuzzInfo claims: an info.json is refused, or its own start_time put back changes no byte, and another one is found
// again and is all that changed.
func FuzzInfo(f *testing.F) {
	f.Add([]byte("\xef\xbb\xbf{\"a\":{\"start_time\":1},\"start_time\": 1700000000000000000\r\n,\"duration\":1.5}"))
	f.Add([]byte(`{"start\u005ftime":-5,"android_device_id":null,"recording_id":"r"}`))
	f.Add([]byte(`{"start_time":0}`))
	f.Add([]byte(`{"start_time":1,"start_time":1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		in, err := parseInfo(b)
		if err != nil {
			if in != nil {
				t.Fatal("an info with an error")
			}
			return
		}
		if got := in.retimed(int64(in.start)); !bytes.Equal(got, b) {
			t.Fatalf("%q became %q", b, got)
		}
		other, err := parseInfo(in.retimed(-77))
		if err != nil || other.start != -77 || other.duration != in.duration || other.deviceID != in.deviceID {
			t.Fatalf("%q: %+v, %v", b, other, err)
		}
	})
}
