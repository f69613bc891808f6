package fakephone

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/pialign/pialign/align"
)

// maxBody is how long a request's body may be. No event that makes sense comes near it.
const maxBody = 64 << 10

// answer is what the phone replies to a request.
type answer struct {
	status int
	kind   string // the content type
	body   []byte
}

// newServer returns the HTTP interface. Its connections count as work until they are closed.
func (p *Phone) newServer() *http.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.page)
	mux.HandleFunc("GET /api/status", p.serveStatus)
	mux.HandleFunc("POST /api/event", p.serveEvent)
	mux.HandleFunc("POST /api/recording:start", p.exchange(p.start))
	mux.HandleFunc("POST /api/recording:stop_and_save", p.exchange(p.save))
	mux.HandleFunc("POST /api/recording:cancel", p.exchange(p.discard))
	mux.HandleFunc("GET /api/template_def", p.exchange(p.template))
	mux.HandleFunc("GET /api/template_data", p.exchange(p.templateData))
	mux.HandleFunc("POST /api/template_data", p.serveAnswers)
	mux.HandleFunc("GET /calibration.bin", p.exchange(p.calibration))
	return &http.Server{
		Handler:           p.counted(mux),
		ReadHeaderTimeout: 10 * time.Second, // a peer that connects and says nothing does not hold a goroutine for ever
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          log.New(io.Discard, "", 0), // a library does not print
		BaseContext:       func(net.Listener) context.Context { return p.ctx },
		ConnState: func(_ net.Conn, s http.ConnState) {
			switch s {
			case http.StateNew:
				p.work.Add(1)
			case http.StateClosed, http.StateHijacked:
				p.work.Done()
			}
		},
	}
}

// counted counts requests and holds Close up until they are done, also those that took over their connection.
func (p *Phone) counted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.work.Add(1)
		defer p.work.Done()
		p.mu.Lock()
		p.requests++
		p.mu.Unlock()
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		if p.cfg.CloseAfterAnswer && !upgrades(r) {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

// upgrades says whether r asks for a websocket.
func upgrades(r *http.Request) bool { return strings.EqualFold(r.Header.Get("Upgrade"), "websocket") }

// exchange serves f, with the way to the phone before it and the way back after it.
func (p *Phone) exchange(f func(arrived align.HostTime) answer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if _, ok := readBody(w, r); !ok {
			return
		}
		up, down := p.delays(requestStream, p.next(requestStream))
		a := f(p.arrive(up))
		p.reply(w, r, down, a)
	}
}

// arrive waits out the way up and returns the instant of arrival. A request on its way reaches the phone even if its
// sender has hung up meanwhile; only a phone that is being closed hears nothing more.
func (p *Phone) arrive(up time.Duration) align.HostTime {
	if err := p.upward(p.ctx, up); err != nil {
		panic(http.ErrAbortHandler)
	}
	return p.cfg.Time.Now()
}

// reply waits out the way down and writes a.
func (p *Phone) reply(w http.ResponseWriter, r *http.Request, down time.Duration, a answer) {
	if err := p.downward(r.Context(), down); err != nil {
		panic(http.ErrAbortHandler)
	}
	a.write(w)
}

func (a answer) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", a.kind)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // a client that hung up has lost the answer, which is its own affair
}

// readBody returns the request's whole body, or answers why it cannot be had.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	body, err := io.ReadAll(r.Body)
	if tooLong := new(http.MaxBytesError); errors.As(err, &tooLong) {
		plain(http.StatusRequestEntityTooLarge, "request body too long").write(w)
		return nil, false
	}
	if err != nil {
		panic(http.ErrAbortHandler) // the client vanished within its request
	}
	return body, true
}

// envelope returns an answer in the frame that every JSON answer of the phone has.
func envelope(status int, message string, result any) answer {
	return answer{status, "application/json", encode(map[string]any{"message": message, "result": result})}
}

func success(message string, result any) answer { return envelope(http.StatusOK, message, result) }

// refuse returns the answer to a request that the phone understood and will not do.
func refuse(message string) answer { return envelope(http.StatusInternalServerError, message, nil) }

// plain returns an answer without the envelope, as the phone gives it to what it cannot read.
func plain(status int, text string) answer {
	return answer{status, "text/plain; charset=utf-8", []byte(text + "\n")}
}

// encode writes JSON as the phone does: keys sorted, and <, >, & and = escaped.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // only maps, slices, strings and integers come here
	}
	return bytes.ReplaceAll(b, []byte("="), []byte(`\u003d`)) // JSON itself has no =, so all are within strings
}

const monitorPage = `<!doctype html>
<html><head><title>PI monitor</title></head><body><h1>PI monitor</h1><p>This is a fake phone.</p></body></html>
`

func (p *Phone) page(w http.ResponseWriter, _ *http.Request) {
	answer{http.StatusOK, "text/html; charset=utf-8", []byte(monitorPage)}.write(w)
}
