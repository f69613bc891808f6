package folder

import (
	"context"

	"github.com/pialign/pialign/formats/retime"
)

// Pass is one reading of a recording, and what all formats do alike with it.
type Pass struct {
	Root    string
	Tree    *Tree // what the result gets of it
	Target  *Target
	Options retime.Options

	Verdict func() error          // why the whole is refused, as far as that is known; nothing is written then
	Scan    func() error          // reads and maps every time, writes to Target, and ends with the Verdict
	Report  func() *retime.Report // what Scan saw
}

// Check reads and maps every time and writes nothing.
func (p Pass) Check() (*retime.Report, error) {
	p.Target.Format, p.Target.tree = p.Options.Format, p.Tree
	if err := p.Scan(); err != nil {
		return nil, err
	}
	return p.Report(), nil
}

// Retime writes the re-timed recording to dst with its pialign.json, whole or not at all.
func (p Pass) Retime(dst string) (*retime.Report, error) {
	if err := Outside(p.Root, dst); err != nil {
		return nil, err
	}
	if p.Verdict() != nil { // any time that is wrong comes first, as in a Check
		return p.Check()
	}
	var rep *retime.Report
	p.Target.Hardlink = p.Options.Hardlink
	err := p.Target.Build(dst, p.Tree, func() (manifest []byte, err error) {
		if rep, err = p.Check(); err != nil {
			return nil, err
		}
		return retime.NewManifest(p.Options, rep).Marshal()
	})
	if err != nil {
		return nil, err
	}
	rep.Linked, rep.NotLinked, rep.WhyNotLinked = p.Target.Links()
	return rep, nil
}

// Passes begins a pass over a recording with these clocks and options. A format's Recording embeds it.
type Passes func(context.Context, retime.Clocks, retime.Options) (Pass, error)

// Check reads and maps every time of every file and writes nothing.
func (begin Passes) Check(ctx context.Context, clocks retime.Clocks, opt retime.Options) (*retime.Report, error) {
	p, err := begin(ctx, clocks, opt)
	if err != nil {
		return nil, err
	}
	return p.Check()
}

// Retime writes the re-timed recording to dst, whole or not at all.
func (begin Passes) Retime(ctx context.Context, dst string, clocks retime.Clocks, opt retime.Options) (*retime.Report, error) {
	p, err := begin(ctx, clocks, opt)
	if err != nil {
		return nil, err
	}
	return p.Retime(dst)
}
