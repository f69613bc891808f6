package probe

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// pieces reads b in pieces of n bytes, and tells the time by how much was read.
type pieces struct {
	b       []byte
	n, read int
}

func (p *pieces) Read(to []byte) (int, error) {
	if p.read == len(p.b) {
		return 0, io.EOF
	}
	n := copy(to, p.b[p.read:min(p.read+p.n, len(p.b))])
	p.read += n
	return n, nil
}

func (p *pieces) now() instant { return instant{1, 1} }

// FuzzReply: how an answer is cut into packets changes nothing; no part comes with an error; nothing exceeds its bounds;
// and what is accepted net/http reads likewise, if it does at all.
func FuzzReply(f *testing.F) {
	f.Add([]byte(timestamped("1744271292116000000")), 7)
	f.Add([]byte("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 404 No\r\nConnection: keep-alive, x\r\n\r\nno"), 1)
	f.Add([]byte("HTTP/1.1 200\nTransfer-Encoding: chunked\n\n3;a\nabc\n0\nA: b\n\n"), 3)
	f.Add([]byte("HTTP/1.1 204 \r\nContent-Length: 5\r\n\r\nabc"), 100)
	f.Fuzz(func(t *testing.T, b []byte, n int) {
		read := func(n int) (*reply, error) {
			p := &pieces{b: b, n: n}
			return newReplyReader(p, p.now).read(maxAnswer)
		}
		a, err := read(len(b))
		if (a == nil) != (err != nil) {
			t.Fatalf("answer %v with error %v", a, err)
		}
		again, err2 := read(1 + int(uint(n)%64))
		if (err == nil) != (err2 == nil) {
			t.Fatalf("in one piece %v, in several %v", err, err2)
		}
		if a == nil {
			return
		}
		if again.reusable = a.reusable; !reflect.DeepEqual(a, again) { // what follows may not have come yet
			t.Fatalf("in one piece %+v, in several %+v", a, again)
		}
		if len(a.body) > maxAnswer || a.heard != (instant{1, 1}) {
			t.Fatalf("%d bytes, heard at %v", len(a.body), a.heard)
		}
		theirs := bufio.NewReader(bytes.NewReader(b))
		for {
			res, err := http.ReadResponse(theirs, nil)
			if err != nil {
				return
			}
			body, err := io.ReadAll(res.Body)
			res.Body.Close()
			if res.StatusCode/100 == 1 && len(body) == 0 {
				continue
			}
			if err == nil && (res.StatusCode != a.status || !bytes.Equal(body, a.body)) {
				t.Fatalf("status %d and %q, net/http says %d and %q", a.status, a.body, res.StatusCode, body)
			}
			return
		}
	})
}

// FuzzEvent: what is accepted as a stamp stands in the answer, digit by digit, and is of this age.
func FuzzEvent(f *testing.F) {
	f.Add([]byte(`{"message":"Success","result":{"recording_id":"x","timestamp":1744271292116000000}}`))
	f.Add([]byte(`{"message":"Success","result":{"name":"n","recording_id":null,"timestamp":1.744271292116e18}}`))
	f.Add([]byte(`{"result":{"timestamp":9223372036854775808}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := parseEvent(&reply{status: 200, contentType: "application/json", body: body}, "n")
		if err != nil {
			var r *ReplyError
			if e != (eventAnswer{}) || !errors.As(err, &r) || len(err.Error()) > 1500 {
				t.Fatalf("%+v with error %v", e, err)
			}
			return
		}
		if e.stamp < earliestStamp || e.stamp > latestStamp || !bytes.Contains(body, strconv.AppendInt(nil, int64(e.stamp), 10)) {
			t.Fatalf("stamp %d from %q", e.stamp, body)
		}
	})
}

// FuzzStatus: no panic, bounded notes, and a status that is read tells the same when its raw answer is read again.
func FuzzStatus(f *testing.F) {
	f.Add([]byte(okStatus))
	f.Add([]byte(`{"message":"","result":[null,{"model":"Recording","data":{"id":"a","rec_duration_ns":-5}},{"model":"Event","data":{"recording_id":"b"}}]}`))
	f.Add([]byte(`{"result":[{"model":"Hardware","data":{"version":2.0}},{"model":"Phone","data":{"device_id":"a","memory":1e3}}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		s, err := parseStatus(&reply{status: 200, contentType: "application/json", body: body})
		if err != nil {
			if !reflect.DeepEqual(s, Status{}) {
				t.Fatalf("%+v with error %v", s, err)
			}
			return
		}
		again, err := parseStatus(&reply{status: 200, contentType: "application/json", body: s.Raw})
		if err != nil || !reflect.DeepEqual(s, again) {
			t.Fatalf("%+v, read again %+v (%v)", s, again, err)
		}
		if len(s.Notes) > maxNotes || s.Phone.EchoPort < 0 || s.Phone.EchoPort > 65535 || s.Phone.Battery < -1 || s.Phone.Battery > 100 {
			t.Fatalf("%+v", s)
		}
		if c := s.clone(); !reflect.DeepEqual(c, s) {
			t.Fatalf("%+v, copied %+v", s, c)
		}
	})
}

// FuzzEcho: an answer is 16 bytes that begin with the number of the round, however they are cut, or there is no stamp.
func FuzzEcho(f *testing.F) {
	f.Add(echoed(42, 1744271292116), uint64(42), 3)
	f.Add(echoed(42, 1744271292116)[:15], uint64(42), 100)
	f.Add(append(echoed(42, 1744271292116), 1), uint64(42), 16)
	f.Fuzz(func(t *testing.T, b []byte, round uint64, n int) {
		p := &pieces{b: b, n: 1 + int(uint(n)%32)}
		a, err := readEcho(p, p.now, round, new([17]byte))
		if err != nil {
			if a != (echoAnswer{}) {
				t.Fatalf("%+v with error %v", a, err)
			}
			return
		}
		if want := echoed(round, uint64(a.stamp)/1e6); !bytes.Equal(want, b[:16]) || a.stamp%1e6 != 0 || a.heard == (instant{}) || a.stamp < earliestStamp {
			t.Fatalf("%+v from %x", a, b)
		}
	})
}

// FuzzAnswer: no panic and no loop; what is read is bounded, can be written again, and then reads the same.
func FuzzAnswer(f *testing.F) {
	f.Add(mdnsAnswer(announced("PI monitor:A:01", "pi", 8080, 120, 192, 0, 2, 9)...))
	f.Add([]byte("\x00\x00\x84\x00\x00\x01\x00\x01\x00\x00\x00\x00\x05_http\x04_tcp\x05local\x00\x00\x0c\x00\x01\xc0\x0c\x00\x0c\x80\x01\x00\x00\x00\x05\x00\x04\x01a\xc0\x0c"))
	f.Add([]byte("\x00\x00\x84\x00\x00\x00\xff\xff\xff\xff\xff\xff\xc0\x0c\x00\x0c\x00\x01"))
	f.Fuzz(func(t *testing.T, b []byte) {
		records, err := parseAnswer(b)
		if err != nil && records != nil || len(records) > maxRecords {
			t.Fatalf("%d records with error %v", len(records), err)
		}
		var out [][]byte
		for _, r := range records {
			data := r.addr.AsSlice()
			switch r.kind {
			case typePTR:
				data = wireName(r.target)
			case typeSRV:
				data = append([]byte{0, 0, 0, 0, byte(r.port >> 8), byte(r.port)}, wireName(r.target)...)
			case typeAAAA:
				mapped := r.addr.As16()
				data = mapped[:]
			}
			out = append(out, rr(r.owner, r.kind, r.ttl, data))
		}
		again, err := parseAnswer(mdnsAnswer(out...))
		if err != nil || len(again) != len(records) || len(records) > 0 && !reflect.DeepEqual(again, records) {
			t.Fatalf("%v, written and read again %v (%v)", records, again, err)
		}
		d := newDirectory(nil)
		d.hear(records, netip.MustParseAddr("192.0.2.1"), "eth0")
		for _, p := range d.found() {
			if len(p.Addrs) == 0 || strings.HasPrefix(p.Addrs[0], ":") {
				t.Fatalf("found %v", p)
			}
		}
		if _, err := parseAnswer(buildQuery(d.missing(name{"pi", "local"}))); !errors.Is(err, errDNS) {
			t.Fatalf("a question passes for an answer: %v", err)
		}
	})
}

// FuzzAddress: what is taken for an address holds nothing that could end a header line, and stays what it is.
func FuzzAddress(f *testing.F) {
	for _, s := range []string{"192.0.2.1:80", "[fe80::1%eth0]:80", "http://pi.local:8080/x", "a b", "::1", "x:0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		host, port, ok := splitAddress(s)
		if !ok {
			return
		}
		addr := joinAddress(host, port)
		if strings.ContainsAny(hostHeader(addr), " \t\r\n\x00/") {
			t.Fatalf("%q leads to %q, in a header %q", s, addr, hostHeader(addr))
		}
		if h, p, ok := splitAddress(addr); !ok || h != host || p != port && port != "" {
			t.Fatalf("%q leads to %q, and that to %q and %q", s, addr, h, p)
		}
	})
}
