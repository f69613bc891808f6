package probe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// What a caller that starts and stops recordings may branch on.
var (
	ErrRecording      = errors.New("a recording runs already")
	ErrNoRecording    = errors.New("no recording runs")
	ErrOtherRecording = errors.New("another recording runs")
)

// RefusalError is a phone that understood and will not.
type RefusalError struct {
	What    string // was asked: "start recording"
	Message string // the phone's own words
	Advice  string // what to do
}

func (e *RefusalError) Error() string {
	return fmt.Sprintf("the phone refuses to %s, it says %.200q: %s", e.What, e.Message, e.Advice)
}

const (
	commandTimeout = 5 * time.Second        // of a start or stop; others' programs wait as long
	openEvery      = 100 * time.Millisecond // between looks whether a recording has opened; 0.4 to 0.9 s were reported
)

// StartRecording starts a recording and returns its id. It opens only some time later: see AwaitRecording.
//
// One that runs already is left alone: the error wraps ErrRecording. A *RefusalError has the phone's own words. After any other error whether the
// phone records is not known.
func (p *Phone) StartRecording(ctx context.Context) (id string, err error) {
	if s, err := p.Refresh(ctx); err != nil {
		return "", err
	} else if r := s.Recording; r.Running() {
		return "", fmt.Errorf("%w on %s: %s", ErrRecording, p.Addr(), r.ID)
	}
	a, err := p.command(ctx, "start recording", "/api/recording:start")
	if err != nil {
		return "", err
	}
	result, err := openEnvelope(a)
	var fields map[string]json.RawMessage
	if err == nil && json.Unmarshal(result, &fields) != nil {
		err = badReply(a, "the result is not an object")
	}
	id, ok := text(fields["id"])
	if err == nil && (!ok || id == "" || len(id) > maxID) {
		err = badReply(a, "it names no recording")
	}
	if err != nil {
		return "", fmt.Errorf("start recording on %s: %w; look at the phone: it may record now", p.Addr(), err)
	}
	return id, nil
}

// AwaitRecording waits until the phone reports that the recording called id runs, for limit at the most. Events before that
// are counted to no recording, or to the one before.
func (p *Phone) AwaitRecording(ctx context.Context, id string, limit time.Duration) error {
	_, began := p.opt.Clock.Stamp()
	for {
		s, err := p.Refresh(ctx)
		if err == nil && s.Recording.Running() && s.Recording.ID == id {
			return nil
		}
		if err == nil && s.Recording != nil && s.Recording.ID == id && strings.EqualFold(s.Recording.Action, "ERROR") {
			return fmt.Errorf("recording %s on %s failed, the phone says %.200q", id, p.Addr(), s.Recording.Message)
		}
		if _, now := p.opt.Clock.Stamp(); now.Sub(began) >= limit {
			return errors.Join(fmt.Errorf("%w: %s does not report recording %s within %v; look at the phone's screen",
				ErrNoRecording, p.Addr(), id, limit), err)
		}
		if err := p.opt.Clock.Wait(ctx, openEvery); err != nil {
			return err
		}
	}
}

// StopRecording stops and saves the recording called id. Where that is not the one that runs nothing is stopped: the error wraps
// ErrNoRecording or ErrOtherRecording.
func (p *Phone) StopRecording(ctx context.Context, id string) error {
	s, err := p.Refresh(ctx)
	switch r := s.Recording; {
	case err != nil:
		return err
	case !r.Running():
		return fmt.Errorf("%w on %s; it should have been %s", ErrNoRecording, p.Addr(), id)
	case r.ID != id:
		return fmt.Errorf("%w on %s: %s, and not %s; stop it on the phone", ErrOtherRecording, p.Addr(), r.ID, id)
	}
	a, err := p.command(ctx, "stop the recording", "/api/recording:stop_and_save")
	if err == nil && a.status != 200 {
		err = badReply(a, "want status 200")
	}
	if err != nil {
		return err
	}
	if s, err := p.Refresh(ctx); err == nil && s.Recording.Running() && s.Recording.ID == id {
		return fmt.Errorf("%s says that it stopped recording %s, and that it runs; look at the phone", p.Addr(), id)
	}
	return nil
}

// Refresh reads the status anew.
func (p *Phone) Refresh(ctx context.Context) (Status, error) {
	p.turn.Lock()
	defer p.turn.Unlock()
	if p.closed {
		return Status{}, net.ErrClosed
	}
	if p.web.lost() {
		p.doubt = true
	}
	s, err := askStatus(ctx, p.web, p.opt.Timeout)
	if err == nil {
		err = identify(s, p.web.addr, p.id)
	}
	if err != nil {
		p.doubt = true
		return Status{}, err
	}
	p.doubt, p.heard = false, p.now()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status = s
	return s.clone(), nil
}

// command tells the phone to do something and returns what it answers.
func (p *Phone) command(ctx context.Context, what, path string) (*reply, error) {
	p.turn.Lock()
	defer p.turn.Unlock()
	var a *reply
	_, err := p.askWithin(ctx, p.web, commandTimeout, p.post(path, []byte("{}")), func() (err error) {
		a, err = p.web.rd.read(maxAnswer)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s on %s: %w; look at the phone: it may have done so", what, p.web.addr, err)
	}
	if !a.reusable {
		p.web.drop()
	}
	if a.status >= 400 { // 500 was seen; other versions of the app may take others
		var envelope map[string]json.RawMessage
		if json.Unmarshal(a.body, &envelope) == nil {
			if message, ok := text(envelope["message"]); ok {
				return nil, &RefusalError{What: what, Message: message, Advice: advice(message, p.Status().Phone)}
			}
		}
	}
	return a, nil
}

// advice says what to do about a refusal. The phone's words are nowhere documented: only what they are about is looked for.
func advice(message string, s PhoneStatus) string {
	m := strings.ToLower(message)
	for _, a := range []struct {
		about  []string
		advice string
	}{
		{[]string{"batter", "charg"}, "charge the phone"},
		{[]string{"workspace"}, "choose a workspace in the app"},
		{[]string{"storage", "memory", "space"}, "free storage on the phone: recordings that are uploaded can be deleted there"},
		{[]string{"wearer"}, "choose a wearer in the app"},
		{[]string{"template", "required", "question"}, "answer the template's required questions in the app, or choose a template without"},
		{[]string{"already", "running", "in progress"}, "stop the recording that runs on the phone, or measure during that one"},
		{[]string{"set-up", "setup", "set up"}, "finish the set-up in the app"},
	} {
		for _, word := range a.about {
			if strings.Contains(m, word) {
				return a.advice
			}
		}
	}
	switch {
	case s.BatteryState != "" && s.BatteryState != "OK":
		return "its battery is " + strings.ToLower(s.BatteryState) + ": charge it"
	case s.MemoryState != "" && s.MemoryState != "OK":
		return "its storage is " + strings.ToLower(s.MemoryState) + ": free some"
	}
	return "do it on the phone to see what it wants: charge, storage, a wearer, a workspace, or answers that the template requires"
}
