package doctor

import (
	"fmt"
	"io"
)

// Status says how a check went.
type Status uint8

// The outcomes, from good to bad.
const (
	OK Status = iota + 1
	// Unknown: the check could not be made, or needs an option that was not given.
	Unknown
	// Warning: it works, and should be different.
	Warning
	// Failed: it does not work, or is not safe.
	Failed
)

func (s Status) String() string {
	switch s {
	case OK:
		return "ok"
	case Unknown:
		return "?"
	case Warning:
		return "warn"
	case Failed:
		return "FAIL"
	default:
		return fmt.Sprintf("Status(%d)", uint8(s))
	}
}

// Finding is the outcome of one check.
type Finding struct {
	Status Status
	Check  string // what was looked at, in a word or two
	Detail string // what was seen, in a sentence without its full stop
	Advice string // what to do; empty if there is nothing to do
}

const widestCheck = len("AWX knows the key")

// Print writes the finding on one line.
func (f Finding) Print(w io.Writer) error {
	line := fmt.Sprintf("%-4s  %-*s  %s", f.Status, widestCheck, f.Check, f.Detail)
	if f.Advice != "" {
		line += ": " + f.Advice
	}
	_, err := fmt.Fprintln(w, line)
	return err
}

func ok(check, format string, args ...any) Finding {
	return Finding{Status: OK, Check: check, Detail: fmt.Sprintf(format, args...)}
}

func unknown(check, detail, advice string) Finding {
	return Finding{Status: Unknown, Check: check, Detail: detail, Advice: advice}
}

func warning(check, detail, advice string) Finding {
	return Finding{Status: Warning, Check: check, Detail: detail, Advice: advice}
}

func failed(check, detail, advice string) Finding {
	return Finding{Status: Failed, Check: check, Detail: detail, Advice: advice}
}
