package fleet_test

import "fmt"

func (a action) String() string {
	return [...]string{"born", "read", "write", "narrow", "revoke", "forget", "consume", "replay"}[a]
}

func (o outcome) String() string { return [...]string{"yes", "no", "forbidden", "unknown"}[o] }

func (o operation) String() string {
	return fmt.Sprintf("grant %d, token %d, node %d: %v from %v to %v: %v", o.family, o.serial, o.node, o.action, o.call, o.answer, o.outcome)
}
