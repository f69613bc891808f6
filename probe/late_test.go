package probe

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
)

// A server may send its header, or part of it, and look at its clock only then. The answer is heard when all of it is: B must not come before
// the stamp, or the bound would be false.
func TestStampAfterTheHeader(t *testing.T) {
	for _, first := range []string{
		"HTTP/1.1 200 OK\r\n",
		"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n{\"message\":\"Success\",",
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			c, err := l.Accept()
			if err != nil {
				return
			}
			defer c.Close()
			if _, err := http.ReadRequest(bufio.NewReader(c)); err != nil {
				return
			}
			const digits = 19 // of a stamp of these years
			body := func(stamp align.HostTime) string {
				return fmt.Sprintf(`{"message":"Success","result":{"recording_id":null,"timestamp":%d}}`, stamp)
			}
			whole := "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
			length := len(body(0)) - 1 + digits
			head := first
			if strings.Contains(first, "%d") {
				head = fmt.Sprintf(first, length)
			}
			fmt.Fprint(c, head)
			wall, mono := SystemClock().Stamp()
			for until := mono.Add(3 * time.Millisecond); mono < until; { // long enough for the client to have read what there is
				wall, mono = SystemClock().Stamp()
			}
			fmt.Fprint(c, (fmt.Sprintf(whole, length) + body(wall))[len(head):])
		}()
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if err := c.SetDeadline(deadline(5 * time.Second)); err != nil {
			t.Fatal(err)
		}
		now := func() instant { w, m := SystemClock().Stamp(); return instant{w, m} }
		fmt.Fprint(c, "POST /api/event HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
		a, err := newReplyReader(c, now).read(maxAnswer)
		if err != nil {
			t.Fatalf("after %q: %v", first, err)
		}
		e, err := parseEvent(a, "pialign.s.start.0")
		if err != nil {
			t.Fatalf("after %q: %v", first, err)
		}
		if a.heard.wall < align.HostTime(e.stamp) {
			t.Errorf("after %q: heard %v before it was stamped", first, align.HostTime(e.stamp).Sub(a.heard.wall))
		}
		c.Close()
		l.Close()
	}
}
