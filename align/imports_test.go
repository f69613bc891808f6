package align

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// pure are the packages that this one may import: none of them reads a file, a socket, a clock or the environment, but for
// the functions that are forbidden below.
var pure = map[string]bool{
	"cmp": true, "errors": true, "fmt": true, "iter": true, "maps": true, "math": true, "math/bits": true,
	"slices": true, "sort": true, "strings": true, "time": true,
}

// forbidden are the functions of those packages that read the clock, wait, depend on where the computer stands, or print.
var forbidden = map[string][]string{
	"time": {"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "Local", "LoadLocation"},
	"fmt":  {"Print", "Println", "Printf", "Scan", "Scanln", "Scanf"},
}

func TestPackageIsPure(t *testing.T) {
	faults, files := impurities(t, os.DirFS("."))
	if files < 15 {
		t.Fatalf("only %d files looked at", files)
	}
	for _, f := range faults {
		t.Error(f)
	}
}

func impurities(t *testing.T, dir fs.FS) (faults []string, files int) {
	t.Helper()
	names, err := fs.Glob(dir, "*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := fs.ReadFile(dir, name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, src, 0)
		if err != nil {
			t.Fatal(err)
		}
		files++
		for _, imp := range f.Imports {
			path, _ := strconv.Unquote(imp.Path.Value)
			if !pure[path] {
				faults = append(faults, name+" imports "+path)
			}
			if imp.Name != nil { // another name would hide time.Now from the search below
				faults = append(faults, name+" renames "+path)
			}
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if pkg, ok := sel.X.(*ast.Ident); ok {
					for _, no := range forbidden[pkg.Name] {
						if sel.Sel.Name == no {
							faults = append(faults, name+" uses "+pkg.Name+"."+no)
						}
					}
				}
			}
			return true
		})
	}
	return faults, files
}

func TestImpurityIsFound(t *testing.T) {
	for _, src := range []string{
		"package align\nimport \"os\"\nvar _ = os.Args",
		"package align\nimport \"time\"\nfunc f() { _ = time.Now() }",
		"package align\nimport \"time\"\nvar now = time.Now",
		"package align\nimport clock \"time\"\nvar now = clock.Now",
		"package align\nimport . \"time\"\nvar now = Now",
		"package align\nimport \"fmt\"\nfunc f() { fmt.Println() }",
		"package align\nimport \"math/rand/v2\"\nvar _ = rand.Int",
	} {
		faults, _ := impurities(t, fstest.MapFS{"a.go": {Data: []byte(src)}})
		if len(faults) == 0 {
			t.Errorf("nothing is found in %q", src)
		}
	}
}
