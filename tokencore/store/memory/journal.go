package memory

import "slices"

// journal remembers how to undo what a transaction did, step by step.
type journal struct{ undo []func() }

func (j *journal) rollback() {
	for _, undo := range slices.Backward(j.undo) {
		undo()
	}
	j.undo = nil
}

// set puts a value into a map of the store.
func set[K comparable, V any](j *journal, m map[K]V, key K, value V) {
	remember(j, m, key)
	m[key] = value
}

// drop takes a value out of a map of the store.
func drop[K comparable, V any](j *journal, m map[K]V, key K) {
	remember(j, m, key)
	delete(m, key)
}

func remember[K comparable, V any](j *journal, m map[K]V, key K) {
	old, had := m[key]
	j.undo = append(j.undo, func() {
		if had {
			m[key] = old
		} else {
			delete(m, key)
		}
	})
}
