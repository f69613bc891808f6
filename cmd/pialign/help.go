package main

import (
	"strings"

	"github.com/urfave/cli/v2"
)

// examplesHeading parts a verb's Description: what follows are the examples, a line each. They are printed last
// and run by the tests.
const examplesHeading = "\n\nExamples:\n"

// examples returns the examples of c, a command line each.
func examples(c *cli.Command) []string {
	_, after, _ := strings.Cut("\n\n"+c.Description, examplesHeading)
	var out []string
	for line := range strings.Lines(after) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// helpTemplate returns the cli library's help with the examples after the flags, where a reader's eye ends up.
func helpTemplate(c *cli.Command) string {
	template := cli.CommandHelpTemplate
	if len(c.Subcommands) > 0 {
		template = cli.SubcommandHelpTemplate
	}
	prose, _, _ := strings.Cut("\n\n"+c.Description, examplesHeading)
	quote := strings.NewReplacer("{{", `{{"{{"}}`)
	indent := func(s string) string { return "   " + strings.ReplaceAll(quote.Replace(s), "\n", "\n   ") }
	description := ""
	if prose = strings.TrimSpace(prose); prose != "" {
		description = "\n\nDESCRIPTION:\n" + indent(prose)
	}
	const old = `{{if .Description}}

DESCRIPTION:
   {{template "descriptionTemplate" .}}{{end}}`
	template = strings.Replace(template, old, description, 1)
	if list := examples(c); len(list) > 0 {
		heading := "EXAMPLE"
		if len(list) > 1 {
			heading = "EXAMPLES"
		}
		template += "\n" + heading + ":\n" + indent(strings.Join(list, "\n")) + "\n"
	}
	return template
}
