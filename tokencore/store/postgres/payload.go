package postgres

import (
	"strconv"
	"strings"

	"github.com/awxgate/awxgate/tokencore"
)

// channelPrefix and the id of the installation name the channel of its changes.
const channelPrefix = "awxgate_"

const (
	// maxPayload is PostgreSQL's limit of a notification.
	maxPayload = 7999
	// maxPayloads is when it is simpler for everybody to forget everything.
	maxPayloads = 16
)

// payloads write changes as "ORIGIN KIND:ID KIND:ID ...", in as many notifications as
// it takes.
func payloads(origin string, changes []tokencore.Change) []string {
	var all []string
	var current strings.Builder
	for _, change := range changes {
		one := " " + strconv.Itoa(int(change.Kind)) + ":" + strconv.FormatInt(change.ID, 10)
		if current.Len()+len(one) > maxPayload {
			all = append(all, current.String())
			current.Reset()
		}
		if current.Len() == 0 {
			current.WriteString(origin)
		}
		current.WriteString(one)
	}
	if current.Len() > 0 {
		all = append(all, current.String())
	}
	if len(all) > maxPayloads {
		return payloads(origin, []tokencore.Change{{Kind: tokencore.ChangeAll}})
	}
	return all
}

// parsePayload reads what payloads wrote. What it does not understand, such as a kind of
// change of a newer version, may be anything.
func parsePayload(payload string) (origin string, changes []tokencore.Change) {
	anything := []tokencore.Change{{Kind: tokencore.ChangeAll}}
	words := strings.Split(payload, " ")
	for _, word := range words[1:] {
		kind, id, _ := strings.Cut(word, ":")
		k, errKind := strconv.ParseUint(kind, 10, 8)
		n, errID := strconv.ParseInt(id, 10, 64)
		change := tokencore.Change{Kind: tokencore.ChangeKind(k), ID: n}
		if errKind != nil || errID != nil || !known(change.Kind) {
			return words[0], anything
		}
		changes = append(changes, change)
	}
	if len(changes) == 0 {
		return words[0], anything
	}
	return words[0], changes
}

// known reports whether a commit can have published the kind of change.
func known(kind tokencore.ChangeKind) bool {
	return kind >= tokencore.ChangeToken && kind <= tokencore.ChangeAll
}
