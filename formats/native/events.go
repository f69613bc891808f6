package native

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/retime"
)

// readEvents learns from event.time and event.txt when the recording ended and which events senders have stamped.
func (u *run) readEvents(m *member) error {
	f, ok := m.files[eventTimes]
	if !ok {
		if names, ok := m.files[eventNames]; ok && names.Size > 0 {
			m.warn("%s: no event.time beside it says when the events were", names.Name)
		}
		return nil
	}
	if _, ok := m.files[eventNames]; !ok && f.Size > 0 {
		m.warn("%s: no event.txt beside it says what the events are", f.Name)
	}
	var odd align.DeviceTime
	begun, strange, settled := false, false, false
	rest, err := u.eachEvent(m, f, func(_ int, at align.DeviceTime, name string) {
		whole := retime.WholeMS(at)
		switch {
		case name == retime.BeginEvent && whole:
			begun = true
		case name == retime.BeginEvent && !strange:
			odd, strange = at, true
		case name != retime.EndEvent || !whole || settled:
		case at == m.info.End() && at > m.Begin:
			m.End, m.Ended, settled = at, true, true
		case retime.Near(at, m.Begin, m.last):
			m.End, m.Ended = at, true
		}
	})
	if err != nil {
		return err
	}
	if strange && !begun {
		return &retime.NotPhoneError{File: f.Path, What: retime.BeginEvent, At: odd}
	}
	if rest != "" {
		m.warn("%s", rest)
	}
	if m.Ended {
		m.last = max(m.last, m.End)
	}
	_, err = u.eachEvent(m, f, func(n int, at align.DeviceTime, name string) {
		why := m.senderWhy(at, name)
		if why == "" {
			return
		}
		if m.senders++; len(m.sender) < retime.MostListed {
			m.sender = append(m.sender, retime.SenderStamp{File: f.Name, Row: n, Event: name, Stamp: at, Why: why})
		}
	})
	return err
}

// senderWhy says why the event cannot have been stamped by the phone, "" if it can. The one recording.end that ends
// the recording is the app's, even where the phone's clock was set back before it.
func (m *member) senderWhy(at align.DeviceTime, name string) string {
	if name == retime.EndEvent && m.Ended && at == m.End {
		return ""
	}
	return m.SenderWhy(at)
}

// eachEvent calls each with every stamp and its name, and says what is wrong with their number.
func (u *run) eachEvent(m *member, f folder.File, each func(n int, at align.DeviceTime, name string)) (rest string, err error) {
	names, err := m.names()
	if err != nil {
		return "", err
	}
	defer names.close()
	in, err := folder.Open(f)
	if err != nil {
		return "", err
	}
	defer in.Close()
	without := 0
	n, err := rewriteRecords(u.ctx, f.Path, stampsOnly, nil, in, func(n, _ int, at align.DeviceTime) (int64, bool, error) {
		name, ok, err := names.next()
		if err != nil {
			return 0, false, err
		}
		if !ok {
			without++
		}
		each(n, at, name)
		return 0, true, nil
	})
	if err != nil {
		return "", in.Blame(err)
	}
	more := 0
	for {
		_, ok, err := names.next()
		if err != nil {
			return "", err
		}
		if !ok {
			break
		}
		more++
	}
	if names.file != nil && without+more > 0 {
		return fmt.Sprintf("%s has %d times and event.txt %d names, as after a crash; they are paired from the beginning", f.Name, n, n-without+more), nil
	}
	return "", in.Unchanged()
}

// names reads event.txt line by line, in step with event.time.
type names struct {
	path string
	file *folder.Input // nil where there is none
	in   *bufio.Reader
}

// maxName is the longest name of an event that is read. The phone takes some hundred bytes.
const maxName = 64 << 10

func (m *member) names() (*names, error) {
	f, ok := m.files[eventNames]
	if !ok {
		return &names{}, nil
	}
	in, err := folder.Open(f)
	if err != nil {
		return nil, err
	}
	return &names{f.Path, in, bufio.NewReaderSize(in, maxName)}, nil
}

// next returns the next name, and false after the last.
func (n *names) next() (string, bool, error) {
	if n.in == nil {
		return "", false, nil
	}
	line, err := n.in.ReadSlice('\n')
	switch {
	case errors.Is(err, io.EOF) && len(line) == 0:
		return "", false, nil
	case errors.Is(err, bufio.ErrBufferFull):
		return "", false, fmt.Errorf("%s: a name of more than %d bytes: not as the phone writes it", n.path, maxName)
	case err != nil && !errors.Is(err, io.EOF):
		return "", false, fmt.Errorf("reading %s: %w", n.path, err)
	case bytes.IndexByte(line, 0) >= 0:
		return "", false, fmt.Errorf("%s: a name with a NUL byte in it: damaged, or UTF-16, and the phone writes UTF-8; copy the recording from the phone again", n.path)
	}
	return strings.TrimRight(string(line), "\r\n"), true, nil
}

func (n *names) close() {
	if n.file != nil {
		n.file.Close()
	}
}
