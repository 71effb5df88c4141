package config

import (
	"bytes"
	"maps"
	"path"
	"slices"
	"strings"
)

// Pull brings local files to what a revision means, and changes as little as it
// can: objects that mean the same keep every byte and comment, wherever they
// stand; those that differ are edited in place, keeping comments beside what
// stays; new ones come from the revision as they are written there. It gives the
// files to write, whole, and those to delete. Files that are no part of either
// tree are left alone.
//
// Local files that cannot be read, or that would not mean what the revision
// means afterwards, are replaced by the revision's.
func Pull(local map[string][]byte, revision *Tree) (write map[string][]byte, remove []string) {
	here, problems := Parse(local)
	after := map[string][]byte{}
	if !Refused(problems) {
		p := &puller{here: here, there: revision, after: maps.Clone(local)}
		p.pull()
		after = p.after
	}
	if result, problems := Parse(after); Refused(problems) || result.Digest() != revision.Digest() {
		after = replace(local, revision)
	}
	write = map[string][]byte{}
	for file, text := range after {
		if before, found := local[file]; !found || !bytes.Equal(before, text) {
			write[file] = text
		}
	}
	for file := range local {
		if _, found := after[file]; !found {
			remove = append(remove, file)
		}
	}
	slices.Sort(remove)
	return write, remove
}

// replace gives the revision's files and keeps local ones that hold no objects.
func replace(local map[string][]byte, revision *Tree) map[string][]byte {
	after := revision.Files()
	for file, text := range local {
		if _, found := after[file]; !found && (!isYAML(file) || isOpenAPI(text)) {
			after[file] = text
		}
	}
	return after
}

// puller edits local files, document by document.
type puller struct {
	here, there *Tree
	after       map[string][]byte
	texts       map[string][]string // the documents of each local file, edited
	touched     map[string]bool
}

func (p *puller) pull() {
	p.texts, p.touched = map[string][]string{}, map[string]bool{}
	for _, o := range p.here.objects {
		p.texts[o.file] = p.here.documents(o.file)
	}
	ours, theirs := p.here.byRef(), p.there.byRef()
	for _, o := range p.here.objects {
		other := theirs[Ref{o.kind, o.name}]
		switch {
		case other == nil:
			p.edit(o, "")
		case p.here.meaningOf(o).id() != p.there.meaningOf(other).id():
			p.rewrite(o, other)
		}
	}
	for _, o := range p.there.objects {
		if ours[Ref{o.kind, o.name}] == nil {
			p.add(o)
		}
	}
	for file := range p.touched {
		if text := strings.Join(p.texts[file], ""); isBlank([]byte(text)) {
			delete(p.after, file)
		} else {
			p.after[file] = []byte(text)
		}
	}
	p.sweep()
}

// documents are the texts of a file's documents; together they are the file.
func (t *Tree) documents(file string) []string {
	var texts []string
	for _, s := range segments(t.files[file]) {
		texts = append(texts, string(s.text))
	}
	return texts
}

func (t *Tree) byRef() map[Ref]*object {
	all := make(map[Ref]*object, len(t.objects))
	for _, o := range t.objects {
		all[Ref{o.kind, o.name}] = o
	}
	return all
}

func (p *puller) edit(o *object, text string) {
	p.texts[o.file][o.segment] = text
	p.touched[o.file] = true
}

// add takes a document of the revision to the file it is in there.
func (p *puller) add(o *object) {
	text := following(strings.Join(p.texts[o.file], ""), p.there.documents(o.file)[o.segment])
	p.texts[o.file] = append(p.texts[o.file], text)
	p.touched[o.file] = true
	for _, relative := range o.assets() {
		p.put(o.asset(relative), p.there.files[o.asset(relative)])
	}
}

// following parts a document from what stands before it in a file.
func following(before, text string) string {
	if before == "" {
		return text
	}
	if !isMarker([]byte(text)) {
		text = "---\n" + text
	}
	if !strings.HasSuffix(before, "\n") {
		text = "\n" + text
	}
	return text
}

func (p *puller) put(file string, content []byte) {
	if content != nil {
		p.after[file] = content
	}
}

// rewrite edits a document to mean what the revision's means. Assets stay where
// they are here, with the revision's content.
func (p *puller) rewrite(o, other *object) {
	mine, theirs := o.assets(), other.assets()
	paths := map[string]string{}
	for key, relative := range theirs {
		source := other.asset(relative)
		if mine[key] == "" {
			mine[key] = relativePath(path.Dir(o.file), source)
		}
		paths[key] = mine[key]
		p.put(o.asset(mine[key]), p.there.files[source])
	}
	p.edit(o, graftDocument(p.texts[o.file][o.segment], p.there.documents(other.file)[other.segment], paths))
}

// assets are the paths that an object names, by key.
func (o *object) assets() map[string]string {
	all := map[string]string{}
	switch raw := o.raw.(type) {
	case *API:
		all["openapi"] = raw.OpenAPI
	case *Brand:
		all["logo"] = raw.Logo
	}
	maps.DeleteFunc(all, func(_, file string) bool { return file == "" })
	return all
}

// relativePath leads from a folder to a file, both from the root of the tree.
func relativePath(folder, file string) string {
	up := ""
	for folder != "." && !strings.HasPrefix(file, folder+"/") {
		folder = path.Dir(folder)
		up += "../"
	}
	if folder != "." {
		file = strings.TrimPrefix(file, folder+"/")
	}
	return up + file
}

// sweep deletes assets that an object here used and none uses any more.
func (p *puller) sweep() {
	after, _ := Parse(p.after)
	used := map[string]bool{}
	for _, o := range after.objects {
		for _, relative := range o.assets() {
			used[o.asset(relative)] = true
		}
	}
	for _, o := range p.here.objects {
		for _, relative := range o.assets() {
			if file := o.asset(relative); !used[file] && !isObjects(file, p.after[file]) {
				delete(p.after, file)
			}
		}
	}
}

func isObjects(file string, text []byte) bool { return isYAML(file) && !isOpenAPI(text) }
