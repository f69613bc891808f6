package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/probelog"
	"github.com/pialign/pialign/probe"
)

// measurement is one run of probe: one phase of one session, with all its phones.
type measurement struct {
	talk     *speaker // to people
	out      *speaker // results
	o        probeOptions
	clock    probe.Clock
	info     probe.ClockInfo
	started  align.HostTime
	phones   []*measured
	progress *progress
}

// deviceResolution is that of the phone's stamps, where the protocol fixes it: Time Echo speaks in whole ms.
var deviceResolution = map[string]time.Duration{string(probe.Echo): time.Millisecond}

// measured is one phone of a measurement, and what came of it.
type measured struct {
	spec           string
	phone          *probe.Phone
	status         probe.Status
	first          int64 // the number of the first exchange: a phase may be measured again
	log            *probelog.Writer
	path           string // of the finished log
	unsaved        error  // why it is not finished
	samples        []align.Sample
	settled        []align.Sample // those that are no warm-up
	ok             int            // exchanges with an answer, warm-up included
	lost           int
	silent         int   // exchanges lost since the last answer
	last           error // why the last one was lost
	err            error // why the phone was not measured to the end
	running        runningBound
	bound          bool     // --until-bound was reached
	recording      string   // the recording that the session started, and
	recordingState string   // what is known of it: started, running, saved, ended
	trouble        []string // what went wrong beside the exchanges
	steps          hostSteps
	fitNow                  // what the fit says in the end, or
	unfit          error    // why nothing
	said           []string // for people, not said yet
	nextFit        int      // how many samples there must be before a fit is asked again
}

func newMeasurement(s stdio, o probeOptions) *measurement {
	m := &measurement{talk: newSpeaker(s.err), out: newSpeaker(s.out), o: o, clock: probe.SystemClock(), info: probe.DescribeClock()}
	m.started, _ = m.clock.Stamp()
	return m
}

// measure opens the phones, starts their logs, and only then measures, all at once. Nothing that nobody reads holds it up.
func (m *measurement) measure(ctx context.Context, found []wanted) error {
	defer func() { _ = m.talk.flush() }() // of what nobody reads there is nobody to tell
	if err := m.open(ctx, found); err != nil {
		return err
	}
	defer m.close()
	if err := m.start(); err != nil {
		return err
	}
	if m.o.startRecording {
		if err := m.startRecordings(ctx); err != nil {
			return err
		}
	}
	m.run(ctx)
	m.save()
	var work sync.WaitGroup
	if m.o.stopRecording {
		work.Go(func() { m.stopRecordings(ctx) })
	}
	m.judge()
	work.Wait()
	m.progress.end() // what else there is to say comes after the screen
	m.told()
	return m.finish(ctx)
}

// open connects to all phones at once. It fails where none answers, or where two are one.
func (m *measurement) open(ctx context.Context, found []wanted) error {
	probe.MakeRoom(len(found))
	m.phones = make([]*measured, len(found))
	var wg sync.WaitGroup
	for i, f := range found {
		p := &measured{spec: f.spec, err: f.err}
		m.phones[i] = p
		if p.err == nil {
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(ctx, statusTime)
				defer cancel()
				p.phone, p.err = f.found.Open(ctx, probe.Options{Clock: m.clock, Info: m.info, Session: m.o.name(), Phase: m.o.phase})
				if p.err == nil {
					p.status = p.phone.Status()
				}
			})
		}
	}
	wg.Wait()
	err := m.opened(ctx)
	if err != nil {
		m.close()
	}
	return err
}

// opened judges what open found, before anything is written.
func (m *measurement) opened(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("nothing was measured: %w", err)
	}
	var errs []error
	seen := make(map[string]*measured)
	for _, p := range m.phones {
		if p.err != nil {
			errs = append(errs, p.err)
			continue
		}
		id := p.status.Phone.DeviceID
		if other := seen[id]; other != nil {
			return withHint(usageError("--device %s and --device %s are phones with one id, %s", other.spec, p.spec, deviceName(id)),
				"give each phone once")
		}
		seen[id] = p
	}
	if len(errs) == len(m.phones) {
		return withHint(withCode(exitNoPhone, errors.New(oneLine(errors.Join(errs...)))),
			"pialign doctor --device HOST:PORT looks for the reason")
	}
	for _, err := range errs {
		fmt.Fprintf(m.talk, "pialign: warning: %v\n", oneLine(err))
	}
	for _, p := range m.phones {
		if p.err == nil && p.status.Phone.DeviceID == "" {
			fmt.Fprintf(m.talk, "pialign: warning: %s does not say its id: its log cannot be told from other phones'\n", p.spec)
		}
	}
	return nil
}

// start makes the logs, so that a folder which cannot be written to is found before the first exchange.
func (m *measurement) start() error {
	if err := m.checkSpace(); err != nil {
		return err
	}
	m.strangers()
	for _, p := range m.phones {
		if p.err != nil {
			continue
		}
		var err error
		if p.log, err = probelog.Create(m.o.session, m.header(p)); err == nil {
			p.first, err = m.firstNumber(p)
		}
		if err != nil {
			m.discard()
			return withHint(fmt.Errorf("nothing was measured: %w", err), "choose a folder that can be written to: --session DIR")
		}
	}
	return nil
}

// discard takes back the logs that start made: they are empty.
func (m *measurement) discard() {
	for _, p := range m.phones {
		if p.log != nil {
			removeLog(p.log)
			p.log = nil
		}
	}
}

func (m *measurement) header(p *measured) probelog.Header {
	return probelog.Header{
		Session: m.o.name(), DeviceID: p.status.Phone.DeviceID, Phase: m.o.phase, Program: program,
		Host: m.info.Host, OS: m.info.OS, Boot: m.info.Boot,
		WallClock: m.info.Wall, MonoClock: m.info.Mono, Discipline: m.info.Discipline,
		WallResolution: m.info.WallResolution, MonoResolution: m.info.MonoResolution,
		DeviceResolution: deviceResolution,
		DeviceStatus:     p.status.Raw, Schedule: m.o.describe(), Started: m.started, Clock: m.readClocks(),
	}
}

// run measures all phones at once, each in a goroutine of its own, so that one that is slow delays no other.
func (m *measurement) run(ctx context.Context) {
	stop := m.watchClock(ctx)
	m.progress = newProgress(ctx, m)
	var wg sync.WaitGroup
	for i, p := range m.phones {
		if p.err == nil {
			wg.Go(func() {
				schedule := m.o.schedule(p.first, m.started)
				if m.o.untilBound > 0 {
					schedule.Enough = func() bool { return m.reached(p) }
				}
				p.err = probe.Run(ctx, p.phone, schedule, func(e probe.Exchange) error {
					err := p.take(m.o.name(), e)
					m.progress.step(i, e)
					return err
				})
				m.progress.finished(i, p.err)
			})
		}
	}
	wg.Wait()
	m.progress.saving()
	stop()
}

// save closes the logs: whatever comes, they are whole from then on.
func (m *measurement) save() {
	var wg sync.WaitGroup
	for _, p := range m.phones {
		if p.log != nil {
			wg.Go(func() { p.path, p.unsaved = p.log.Close() })
		}
	}
	wg.Wait()
}

// judge fits what was measured. The screen shows what came of it in place of its preliminary figures.
func (m *measurement) judge() {
	for i, p := range m.phones {
		if len(p.samples) > 0 {
			p.fitNow, p.unfit = estimateNow(p.samples, m.resolutions())
			m.progress.judged(i, p)
		}
	}
}

// take keeps one exchange. It is written down before anything is thought about it.
func (p *measured) take(session string, e probe.Exchange) error {
	err := p.log.Append(probelog.Row{Session: session, DeviceID: p.status.Phone.DeviceID, Sample: e.Sample,
		EventName: e.EventName, RecordingID: e.RecordingID, Status: string(e.Outcome), Fresh: e.Fresh})
	if err != nil {
		return err
	}
	p.steps.add(e.A, e.MonoA)
	p.steps.add(e.B, e.MonoB)
	if !e.Good() {
		p.lost++
		p.silent++
		p.last = e.Err
		return nil
	}
	p.ok++
	p.silent = 0
	p.samples = append(p.samples, e.Sample)
	p.running.add(e.Sample)
	if e.Outcome == probe.OK {
		p.settled = append(p.settled, e.Sample)
	}
	return nil
}

// close lets go of the phones.
func (m *measurement) close() {
	for _, p := range m.phones {
		if p.phone != nil {
			_ = p.phone.Close() // what was measured is in the log
			p.phone = nil
		}
	}
}

// oneLine puts joined errors on one line.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
