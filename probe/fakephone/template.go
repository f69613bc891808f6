package fakephone

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/pialign/pialign/align"
)

// participant is the id of the one question that a Neon of ours asks.
const participant = "3a7a1e9d-59de-4dc5-8a5c-0f0e2e9d2a11"

// template answers what a Neon asks its wearer: one question, required when the phone refuses for the lack of it.
func (p *Phone) template(align.HostTime) answer {
	if p.cfg.Family != Neon {
		return envelope(http.StatusNotFound, "Not found", nil)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return success("Success", fields{
		"created_at": "2024-01-01T00:00:00Z", "updated_at": "2024-01-01T00:00:00Z", "description": nil,
		"id": "0dd2f4c5-6a1c-4c35-b7b5-6e2f6b1c5a10", "is_default_template": true, "label_ids": []any{},
		"name": "Fake template", "recording_name_format": []any{"%Y-%m-%d_%H:%M:%S"},
		"items": []any{fields{
			"choices": nil, "help_text": "", "id": participant, "input_type": "any",
			"required": p.refusal == TemplateMissing, "title": "Participant", "widget_type": "TEXT",
		}},
	})
}

// templateData answers what was answered: a list of texts for each question, one empty text for none.
func (p *Phone) templateData(align.HostTime) answer {
	if p.cfg.Family != Neon {
		return envelope(http.StatusNotFound, "Not found", nil)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return success("Success", p.templateAnswers())
}

// templateAnswers returns the answers to every question. The caller holds the lock.
func (p *Phone) templateAnswers() fields {
	given, ok := p.answers[participant]
	if !ok {
		given = []string{""}
	}
	return fields{participant: given}
}

// serveAnswers keeps answers to the template's questions. With them the phone no longer refuses for the lack of any.
func (p *Phone) serveAnswers(w http.ResponseWriter, r *http.Request) {
	body, ok := readBody(w, r)
	if !ok {
		return
	}
	up, down := p.delays(requestStream, p.next(requestStream))
	p.arrive(up)
	p.reply(w, r, down, p.keepAnswers(body))
}

func (p *Phone) keepAnswers(body []byte) answer {
	if p.cfg.Family != Neon {
		return envelope(http.StatusNotFound, "Not found", nil)
	}
	var given map[string][]string
	if err := json.Unmarshal(body, &given); err != nil {
		return plain(http.StatusBadRequest, fmt.Sprintf("cannot read answers: %v", err))
	}
	for id, texts := range given {
		if id != participant {
			return envelope(http.StatusNotFound, "Question not found: "+id, nil)
		}
		if len(texts) == 0 { // of which the real app fails; no answer is one empty text
			return envelope(http.StatusBadRequest, "Answer is empty: "+id, nil)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers = given
	if given := given[participant]; len(given) > 0 && given[0] != "" && p.refusal == TemplateMissing {
		p.refusal = NoRefusal
	}
	return success("Success", p.templateAnswers())
}
