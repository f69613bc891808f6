package fakephone

import (
	"encoding/binary"
	"io"
	"net"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
)

// dialEcho connects to Time Echo and returns what makes one round. It reads once, as the vendor's client does.
func dialEcho(t *testing.T, p *Phone) (net.Conn, func(t1 uint64) [16]byte) {
	t.Helper()
	conn, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", itoa(p.EchoPort())), patience)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return conn, func(t1 uint64) (out [16]byte) {
		t.Helper()
		if _, err := conn.Write(binary.BigEndian.AppendUint64(nil, t1)); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 64)
		n, err := conn.Read(buf)
		if err != nil || n != 16 {
			t.Fatalf("one read got %d bytes and %v, want 16", n, err)
		}
		return [16]byte(buf)
	}
}

func TestEchoAnswersInWholeMilliseconds(t *testing.T) {
	now := NewVirtualTime(morning, 1)
	clock := scenario.Clock{Origin: morning, Offset: 840 * time.Millisecond}
	p, _ := start(t, Config{Time: now, Clock: clock, StampResolution: 1, Up: scenario.Delay{Floor: 5 * time.Millisecond},
		Down: scenario.Delay{Floor: 7 * time.Millisecond}})
	_, round := dialEcho(t, p)
	for i, t1 := range []uint64{1744271292116, 0, 1<<64 - 1} { // whatever it is, it comes back
		asked := now.Now()
		got := round(t1)
		if echo := binary.BigEndian.Uint64(got[:8]); echo != t1 {
			t.Errorf("echo %d, want %d", echo, t1)
		}
		exact := clock.Device(asked.Add(5 * time.Millisecond))
		if ms := binary.BigEndian.Uint64(got[8:]); ms != uint64(exact/1_000_000) {
			t.Errorf("phone says %d ms, want %d", ms, exact/1_000_000)
		}
		if took := now.Now().Sub(asked); took != 12*time.Millisecond {
			t.Errorf("round trip %v, want 12ms", took)
		}
		if e := p.Echoes()[i]; e.N != i || e.Arrived != asked.Add(5*time.Millisecond) || e.Stamp != exact/1_000_000*1_000_000 {
			t.Errorf("truth %+v", e)
		}
	}
}

func TestEchoFromAnotherClock(t *testing.T) {
	p, c := start(t, Config{EchoClock: &scenario.Clock{Offset: time.Hour}})
	_, round := dialEcho(t, p)
	b := round(1)
	echo := align.DeviceTime(binary.BigEndian.Uint64(b[8:]) * 1_000_000)
	if event := stampOf(t, c.event(`{"name":"x"}`)); event.Sub(echo) != time.Hour {
		t.Errorf("event %d, echo %d, want an hour between", event, echo)
	}
}

func TestNoEcho(t *testing.T) {
	p, c := start(t, Config{NoEcho: true})
	got, _ := c.status()
	if _, there := got["Phone"][0]["time_echo_port"]; there || p.EchoPort() != 0 {
		t.Errorf("port %d, status %v", p.EchoPort(), got["Phone"][0])
	}
}

func TestEchoWaitsForAllEightBytes(t *testing.T) {
	p, _ := start(t, Config{})
	conn, round := dialEcho(t, p)
	for _, b := range []byte{1, 2, 3, 4, 5, 6, 7, 8} {
		if _, err := conn.Write([]byte{b}); err != nil {
			t.Fatal(err)
		}
	}
	var got [16]byte
	if _, err := io.ReadFull(conn, got[:]); err != nil || got[0] != 1 || got[7] != 8 {
		t.Errorf("% x, %v", got, err)
	}
	round(9) // the connection goes on
}
