package awxapi

import (
	"encoding/json"
	"strings"
)

// fieldInfo is one field of an object, or one setting. AWX derives these attributes
// from its Django fields; here they are the table that everything else is checked
// against.
type fieldInfo struct {
	name, label string
	kind        string // AWX's word for the type
	help        string // without "%", which awxkit would take for a format; empty: that of helpByName
	choices     [][2]string

	writable bool // POST and PUT read it
	fixed    bool // PUT does not
	required bool
	length   int    // of a text that is written, at most; 0: any
	initial  string // JSON of the default; empty: none
	min, max *int64

	unfilterable bool

	// Settings only.
	hidden      bool
	category    *category
	warning     string
	unit        string
	placeholder string // JSON
	child       *childInfo
}

// childInfo is what a list or dictionary consists of.
type childInfo struct {
	kind  string
	min   *int64
	child *childInfo
}

// helpByName are AWX's help texts that fit every kind of object, in our words; "{}"
// stands for the object.
var helpByName = map[string]string{
	"id":             "The number of this {}.",
	"type":           "What kind of object this is.",
	"url":            "Where this {} is.",
	"related":        "Where to find what belongs to this {}.",
	"summary_fields": "The names of related objects, and what you may do with this {}.",
	"created":        "When this {} was created.",
	"modified":       "When this {} was last changed.",
	"name":           "What this {} is called.",
	"description":    "Free text about this {}.",
}

// helpText is the field's own text, or that of its name.
func (f fieldInfo) helpText(o *objectInfo) string {
	if f.help != "" || o.noun == "" {
		return f.help
	}
	return strings.ReplaceAll(helpByName[f.name], "{}", o.noun)
}

// describe returns the attributes in AWX's order, as GET shows them or as a method
// that writes does.
func (f fieldInfo) describe(o *objectInfo, writing bool) members {
	m := members{{"type", f.kind}}
	add := func(there bool, key string, value any) {
		if there {
			m = append(m, member{key, value})
		}
	}
	add(writing, "required", f.required)
	add(true, "hidden", f.hidden)
	add(f.label != "", "label", f.label)
	add(f.help != "", "help_text", f.help)
	add(f.warning != "", "warning_text", f.warning)
	add(writing && f.length > 0, "max_length", f.length)
	add(f.min != nil, "min_value", f.min)
	add(f.max != nil, "max_value", f.max)
	if f.category != nil {
		m = append(m, member{"category", f.category.name}, member{"category_slug", f.category.slug})
		add(!writing, "defined_in_file", false)
	}
	add(f.unit != "", "unit", f.unit)
	add(writing && f.placeholder != "", "placeholder", json.RawMessage(f.placeholder))
	general := f.help == "" && f.helpText(o) != ""
	add(general, "help_text", f.helpText(o))
	add(o.typeName != "" && f.name != "type", "filterable", !f.unfilterable)
	add(writing && f.initial != "", "default", json.RawMessage(f.initial))
	add(f.child != nil, "child", f.child.describe(writing))
	add(f.choices != nil, "choices", f.choices)
	return m
}

// describe leaves out of GET what matters only when writing, but AWX does so in the
// first level alone.
func (c *childInfo) describe(writing bool) members {
	if c == nil {
		return nil
	}
	m := members{{"type", c.kind}}
	if writing {
		m = append(m, member{"required", true})
	}
	m = append(m, member{"hidden", false})
	if writing {
		m = append(m, member{"read_only", false})
	}
	if c.min != nil {
		m = append(m, member{"min_value", c.min})
	}
	if c.child != nil {
		m = append(m, member{"child", c.child.describe(true)})
	}
	return m
}
